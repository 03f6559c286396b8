import type { ServiceBroker, ServiceSchema } from 'moleculer';
import type { Loaded } from '../../core/command-handler.ts';
import { createdId } from '../../core/ids.ts';
import type { Worker } from '../../core/worker.ts';
import type { Catalogue } from '../../domain/catalogue.ts';
import { recommendationFamily, recommendationWork, type Wish } from '../../events/recommendation.ts';
import { action, internalAction, type Request } from '../../platform/action.ts';
import { listening, serviceOf } from '../../platform/joint.ts';
import { memberKey } from '../../platform/member-key.ts';
import type { Parts } from '../../platform/parts.ts';
import { Problem, problemOf } from '../../platform/problem.ts';
import { advanced, since } from '../../platform/views.ts';
import type { OpenWorkRow } from '../../projections/open-work.ts';
import recipesWith from '../../projections/recipes.ts';
import { fridges } from '../fridges/fridges.api.ts';
import { wholeStock } from '../fridges/whole-stock.ts';
import { heldRecipes } from '../recipes/held-recipes.ts';
import { recipes } from '../recipes/recipes.api.ts';
import { isNewsOfWork, type Task, workerOn } from '../worker.ts';
import { type RecommendationState, recommendationDecider } from './recommendation.decider.ts';
import { recommendations as joints, recommendationsApi } from './recommendations.api.ts';
import { call, hears } from './recommendations.calls.ts';
import { recommended } from './shown.ts';

/** @throws Problem 422 `unknown-food` */
function requireKnownFoods(
  catalogue: Catalogue,
  { include = [], exclude = [] }: { include?: string[] | undefined; exclude?: string[] | undefined },
) {
  const errors = Object.entries({ include, exclude }).flatMap(([field, foods]) =>
    foods.flatMap((food, index) =>
      catalogue.byId.has(food)
        ? []
        : [{ path: `${field}[${index}]`, message: `there is no food "${food}" in the catalogue` }],
    ),
  );
  if (errors[0]) throw new Problem(422, 'unknown-food', errors[0].message, { errors });
}

const present = ({ state: { request, recipes, status, failure }, revision }: Loaded<RecommendationState>) => ({
  ...{ request, recipes, status, failure, revision },
});

/** Recommendations: requested now, answered by work that survives this process. */
export default function recommendationsService({ handler, keys, views, catalogue }: Parts): ServiceSchema {
  const recommendations = handler(recommendationFamily, recommendationDecider);
  const recipesView = recipesWith(catalogue);
  let broker: ServiceBroker;
  let worker: Worker<OpenWorkRow>;

  /** @throws errors of other services; Unavailable if a store is away; Refused if the claim is lost */
  async function rankFor({ id, claimId, signal, meta }: Task): Promise<void> {
    const request = await recommendations.load(id, ({ state }) => state.request);
    const { fridgeId, fridgeRevision, wish } = request!;
    const ranking = await call(broker, recipes.rank, { fridgeId, atLeast: fridgeRevision, wish });
    signal.throwIfAborted();
    await recommendations.handle(id, { do: 'rank', claimId, ...ranking }, meta, () => {});
  }

  async function answered(recommendationId: string, request: Request) {
    const { waitFor } = request.meta;
    await views.waitFor(recipesView, since(waitFor));
    const { revision, ...state } = await recommendations.load(recommendationId, present);
    // Another family's recommendation does not exist for this member.
    const missing = new Problem(404, 'recommendation-not-found', 'there is no such recommendation');
    if (!state.request) throw missing;
    const { fridgeId } = state.request;
    const query = { fridgeId, for: request.actor };
    const stock = await wholeStock(call, request.ctx, query).catch((error: unknown) => {
      throw problemOf(error)?.code === 404 ? missing : error;
    });
    const recipeIds = state.recipes.map(({ recipeId }) => recipeId);
    const rows = await heldRecipes(call, request.ctx, fridgeId, recipeIds, waitFor);
    const recipesById = new Map(rows.map(row => [row.recipeId, row]));
    const { language } = request.meta;
    const { status, failure } = state;
    return {
      body: {
        recommendationId,
        fridgeId,
        status,
        recipes: state.recipes.flatMap(ranked => {
          const row = recipesById.get(ranked.recipeId);
          return row ? [recommended(catalogue, ranked, row, stock, language)] : [];
        }),
        ...(failure !== undefined && { failure }),
      },
      etag: revision,
    };
  }

  return {
    name: 'recommendations',
    // The projector calls no service, so this one may wait for it.
    dependencies: hears.map(({ event }) => serviceOf(event)),

    events: listening(advanced, news => {
      if (isNewsOfWork(news)) worker.wake();
    }),

    created() {
      broker = this.broker;
      worker = workerOn({
        ...{ work: recommendationWork, handler: recommendations, views, broker, logger: this.logger },
        perform: {
          rank: rankFor,
          expire: ({ id, claimId, meta }) => recommendations.handle(id, { do: 'expire', claimId }, meta, () => {}),
        },
      });
    },

    started: async () => worker.start(),
    stopped: () => worker.stop(),

    actions: {
      request: action(recommendationsApi.request, async (input, request) => {
        const { fridgeId, compose: _compose, limit, ...wished } = input;
        const { revision: fridgeRevision } = await call(request.ctx, fridges.stock, {
          fridgeId,
          for: request.actor,
        });
        const meta = request.command(await memberKey(keys, request.actor));
        const recommendationId = createdId(meta.commandId, 0);
        const wish = { ...(wished as Omit<Wish, 'limit'>), language: request.meta.language, limit };
        const command = { do: 'request', recommendationId, fridgeId, fridgeRevision, wish } as const;
        const answer = ({ position }: { position: number }) => position;
        const earlier = await recommendations.repeated(recommendationId, command, meta, answer);
        if (earlier === undefined) requireKnownFoods(catalogue, wished);
        const position = earlier ?? (await recommendations.handle(recommendationId, command, meta, answer));
        return {
          body: { recommendationId, status: 'requested' as const },
          position,
          location: `/recommendations/${recommendationId}`,
        };
      }),

      recommendation: action(recommendationsApi.recommendation, async ({ recommendationId }, request) =>
        answered(recommendationId, request),
      ),

      status: internalAction(joints.status, () => ({ isWorking: worker.failure === undefined })),

      isOf: internalAction(joints.isOf, async ({ recommendationId, fridgeId }) => {
        const request = await recommendations.load(recommendationId, ({ state }) => state.request);
        return request?.fridgeId === fridgeId;
      }),
    },
  };
}
