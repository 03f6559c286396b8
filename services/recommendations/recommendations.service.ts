import type { ServiceBroker, ServiceSchema } from 'moleculer';
import { commandHandler } from '../../core/command-handler.ts';
import { createdId } from '../../core/ids.ts';
import type { Worker } from '../../core/worker.ts';
import { foodById } from '../../domain/foods.ts';
import { larderOf } from '../../domain/larder.ts';
import { type Candidate, rank } from '../../domain/ranking.ts';
import { recommendationFamily, recommendationWork, type Wish } from '../../events/recommendation.ts';
import { action, internalAction, type Request } from '../../platform/action.ts';
import { memberKey } from '../../platform/member-key.ts';
import type { Parts } from '../../platform/parts.ts';
import { Problem } from '../../platform/problem.ts';
import type { OpenWorkRow } from '../../projections/open-work.ts';
import type { Stock } from '../fridges/stock-answer.ts';
import { dependencies } from '../index.ts';
import type { RecipeRow } from '../recipes/recipe-index.ts';
import { isNewsOfWork, type Task, workerOn } from '../worker.ts';
import { recommendationDecider } from './recommendation.decider.ts';
import { recommendationsApi } from './recommendations.api.ts';
import { recommended } from './shown.ts';

/** recipes that are looked at closely, those of which the most is there first */
const MOST_CANDIDATES = 2000;

/** @throws Problem 422 `unknown-food` */
function requireKnownFoods({
  include = [],
  exclude = [],
}: {
  include?: string[] | undefined;
  exclude?: string[] | undefined;
}) {
  const errors = Object.entries({ include, exclude }).flatMap(([field, foods]) =>
    foods.flatMap((food, index) =>
      foodById(food) ? [] : [{ path: `${field}[${index}]`, message: `there is no food "${food}" in the catalogue` }],
    ),
  );
  if (errors[0]) throw new Problem(422, 'unknown-food', errors[0].message, { errors });
}

/** What can be cooked: asked now, answered by work that survives this process. */
export default function recommendationsService({ store, keys, views, clock }: Parts): ServiceSchema {
  const recommendations = commandHandler(store, recommendationFamily, recommendationDecider, clock);
  let broker: ServiceBroker;
  let worker: Worker<OpenWorkRow>;

  /** @throws Error of another service; Unavailable where a store is away; Refused where the claim is lost */
  async function rankFor({ id, claimId, signal, meta }: Task): Promise<void> {
    const { request } = (await recommendations.load(id)).state;
    const { fridgeId, fridgeRevision, wish } = request!;
    const stock = await broker.call<Stock, object>('fridges.stock', { fridgeId, atLeast: fridgeRevision });
    signal.throwIfAborted();
    const foodIds = [...larderOf(stock).byFood.keys()].filter(foodId => foodId !== undefined);
    const asked = { fridgeId, foodIds, wish, limit: MOST_CANDIDATES };
    const candidates = await broker.call<Candidate[], object>('recipes.candidates', asked);
    signal.throwIfAborted();
    const recipes = rank(candidates, stock, wish);
    await recommendations.handle(id, { do: 'rank', claimId, fridgeRevision: stock.revision, recipes }, meta);
  }

  async function answered(recommendationId: string, request: Request) {
    const { state, revision } = await recommendations.load(recommendationId);
    // Of another family's recommendation nothing is said, not even that it is there.
    const missing = new Problem(404, 'recommendation-not-found', 'there is no such recommendation');
    if (!state.request) throw missing;
    const { fridgeId } = state.request;
    const stock = await request.ctx
      .call<Stock, object>('fridges.stock', { fridgeId, for: request.actor })
      .catch((error: { code?: number }) => {
        throw error.code === 404 ? missing : error;
      });
    const rows = await request.ctx.call<RecipeRow[], object>('recipes.some', {
      fridgeId,
      recipeIds: state.recipes.map(({ recipeId }) => recipeId),
    });
    const held = new Map(rows.map(row => [row.recipeId, row]));
    const { language } = request.meta;
    const { status, failure } = state;
    return {
      body: {
        recommendationId,
        fridgeId,
        status,
        recipes: state.recipes.flatMap(ranked => {
          const row = held.get(ranked.recipeId);
          return row ? [recommended(ranked, row, stock, language)] : [];
        }),
        ...(failure !== undefined && { failure }),
      },
      etag: revision,
    };
  }

  return {
    name: 'recommendations',
    dependencies: [...dependencies.recommendations],

    events: {
      'projection.advanced': ({ params }: { params: { name: string } }) => {
        if (isNewsOfWork(params)) worker.wake();
      },
    },

    created() {
      broker = this.broker;
      worker = workerOn({
        ...{ work: recommendationWork, handler: recommendations, views, broker, logger: this.logger },
        perform: {
          rank: rankFor,
          expire: ({ id, claimId, meta }) => recommendations.handle(id, { do: 'expire', claimId }, meta),
        },
      });
    },

    started: async () => worker.start(),
    stopped: () => worker.stop(),

    actions: {
      request: action(recommendationsApi.request, async (input, request) => {
        const { fridgeId, compose: _compose, limit, ...wished } = input;
        const { revision: fridgeRevision } = await request.ctx.call<Stock, object>('fridges.stock', {
          fridgeId,
          for: request.actor,
        });
        const meta = request.command(await memberKey(keys, request.actor));
        const recommendationId = createdId(meta.commandId, 0);
        const wish = { ...(wished as Omit<Wish, 'limit'>), language: request.meta.language, limit };
        const command = { do: 'request', recommendationId, fridgeId, fridgeRevision, wish } as const;
        const earlier = await recommendations.repeated(recommendationId, command, meta);
        if (!earlier) requireKnownFoods(wished);
        const { position } = earlier ?? (await recommendations.handle(recommendationId, command, meta));
        return {
          body: { recommendationId, status: 'requested' as const },
          position,
          location: `/recommendations/${recommendationId}`,
        };
      }),

      recommendation: action(recommendationsApi.recommendation, async ({ recommendationId }, request) =>
        answered(recommendationId, request),
      ),

      /** For `/readyz`: whether what was asked for is worked on. */
      status: internalAction(() => ({ isWorking: worker.failure === undefined })),

      /** For cooking: whether a fridge was given this recommendation. */
      isOf: internalAction(async ({ recommendationId, fridgeId }: { recommendationId: string; fridgeId: string }) => {
        const { request } = (await recommendations.load(recommendationId)).state;
        return request?.fridgeId === fridgeId;
      }),
    },
  };
}
