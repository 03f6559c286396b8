import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { ServiceBroker } from 'moleculer';
import type { EventStore } from '../../core/event-store/port.ts';
import type { Projection } from '../../core/projection.ts';
import { Projector } from '../../core/projector.ts';
import { openSubscriber } from '../../core/subscriber.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { baseCatalogue } from '../../domain/base-catalogue.ts';
import { memberFamily } from '../../events/member.ts';
import type { AnswerMeta, RequestMeta } from '../../platform/action.ts';
import { handlersOn } from '../../platform/parts.ts';
import { twoNodes } from '../../platform/testing/two-nodes.ts';
import { Views } from '../../platform/views.ts';
import { members as membersView } from '../../projections/members.ts';
import { sqliteEventStore } from '../../stores/event-log/sqlite.ts';
import { sqliteKeyValue } from '../../stores/key-value/sqlite.ts';
import { sqliteKeyStore } from '../../stores/keys/sqlite.ts';
import { sqliteReadModels } from '../../stores/read-models/sqlite.ts';
import fridgesService from '../fridges/fridges.service.ts';
import authService from './auth.service.ts';

// biome-ignore lint/suspicious/noExplicitAny: bodies are checked by the tests themselves
export type Answered = AnswerMeta & { body: any };
export type Ask = (
  call: 'register' | 'login' | 'refresh',
  input: object,
  extra?: Partial<RequestMeta>,
) => Promise<Answered>;

/** Nodes that carry accounts, on one set of stores and a clock that stands. */
export function stage(t: TestContext) {
  const { path, keep } = testFolder(t);
  let now = Date.parse('2026-03-10T08:00:00.000Z');
  const clock = () => new Date(now);
  const store = keep(sqliteEventStore(path('log.db')));
  const keys = keep(sqliteKeyStore(path('keys.db')));
  const keyValue = keep(sqliteKeyValue(path('kv.db'), clock));
  const models = keep(sqliteReadModels(path('views.db')));
  const views = new Views({ relational: models, document: models }, store);

  /** The view of the members, which follows the log. */
  async function feed(): Promise<void> {
    const projector = new Projector(store, 'log', [memberFamily], {
      advanced: () => views.wake(),
      stopped: reason => {
        throw reason;
      },
    });
    await projector.add(await openSubscriber(store, models, 'log', membersView as Projection, 0));
    await models.serve(membersView as Projection, 0);
    projector.start();
    t.after(() => projector.stop());
  }
  let fed: Promise<void> | undefined;

  /** `through`: the way that this node sees the log */
  async function node(through: Partial<EventStore> = {}): Promise<Ask> {
    const parts = partsOf({ ...bound(store), ...through });
    fed ??= feed();
    await fed;
    const broker = new ServiceBroker({ logger: false, validator: false, skipProcessEventRegistration: true });
    for (const make of [authService, fridgesService]) broker.createService(make(parts));
    await broker.start();
    t.after(() => broker.stop());
    return asking(broker);
  }

  /** Accounts on one node, fridges on another. `through`: the way that the first sees the log */
  async function apart(through: Partial<EventStore> = {}): Promise<Ask> {
    const seen = { ...bound(store), ...through };
    const [accounts] = await twoNodes(t, [authService(partsOf(seen))], [fridgesService(partsOf(store))]);
    return asking(accounts);
  }

  const partsOf = (seen: EventStore) => ({
    store: seen,
    keys,
    keyValue,
    views,
    logId: 'log',
    clock,
    catalogue: baseCatalogue,
    handler: handlersOn(seen, clock),
  });

  const asking =
    (broker: ServiceBroker): Ask =>
    async (call, input, extra = {}) => {
      const meta: RequestMeta & { answer?: AnswerMeta } = {
        method: 'POST',
        path: `/auth/${call}`,
        idempotencyKey: randomUUID(),
        language: 'ko',
        ...extra,
      };
      const body = await broker.call(`auth.${call}`, input, { meta });
      return { body, ...meta.answer };
    };

  return {
    store,
    keys,
    keyValue,
    clock,
    node,
    apart,
    pass: (seconds: number) => {
      now += seconds * 1000;
    },
  };
}

const bound = (store: EventStore): EventStore => ({
  append: store.append.bind(store),
  read: store.read.bind(store),
  follow: store.follow.bind(store),
  head: store.head.bind(store),
  headPosition: store.headPosition.bind(store),
  ready: store.ready.bind(store),
  close: store.close.bind(store),
});

let count = 0;
/** Details that nobody has used yet. */
export const newcomer = (nickname = `new${++count}`) => ({
  email: `${nickname}@example.org`,
  password: 'correct horse battery',
  nickname,
});
