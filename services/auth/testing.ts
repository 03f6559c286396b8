import { randomUUID } from 'node:crypto';
import type { TestContext } from 'node:test';
import { ServiceBroker } from 'moleculer';
import type { EventStore } from '../../core/event-store/port.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { baseCatalogue } from '../../domain/base-catalogue.ts';
import type { AnswerMeta, RequestMeta } from '../../platform/action.ts';
import { twoNodes } from '../../platform/testing/two-nodes.ts';
import { Views } from '../../platform/views.ts';
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
  const views = new Views({ relational: models, document: models });

  /** `through`: the way that this node sees the log */
  async function node(through: Partial<EventStore> = {}): Promise<Ask> {
    const parts = partsOf({ ...bound(store), ...through });
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
