import assert from 'node:assert/strict';
import { sqliteReadModels } from '../../stores/read-models/sqlite.ts';
import type { Decider, Intent } from '../decider.ts';
import { Refused } from '../errors.ts';
import type { Fact, Happened, Recorded } from '../fact.ts';
import { type Projection, reader } from '../projection.ts';
import type { Sealed } from '../sealed.ts';
import { advance, type Subscriber } from '../subscriber.ts';

/** Who acts in a test where nobody is named. */
const ACTOR = 'mina';

/** What a test says of an action besides its facts; the rest is made up, the same in every run. */
export interface About {
  /** undefined: nobody, as in facts of the system itself */
  readonly actor?: string | undefined;
  readonly commandId?: string;
  readonly at?: string;
  readonly occurredAt?: string;
  readonly stream?: string;
}

/** Facts of one command. */
export interface Action<E extends Fact = Fact> {
  readonly about: About;
  readonly facts: readonly E[];
}

export const action = <E extends Fact>(about: About, ...facts: readonly E[]): Action<E> => ({ about, facts });

/** A fact by itself is an action of its own, `action-<number>`; the n-th fact happens n minutes after the first. */
export type Past<E extends Fact = Fact> = E | Action<E> | Happened<E>;

const STREAM = 'story-1';
const START = Date.parse('2026-03-10T00:00:00.000Z');
const minute = (n: number): string => new Date(START + n * 60_000).toISOString();

function intentOf(about: About, commandId: string, n: number): Intent {
  const actor = 'actor' in about ? about.actor : ACTOR;
  return {
    commandId: about.commandId ?? commandId,
    at: about.at ?? minute(n),
    ...(actor !== undefined && { actor }),
    ...(about.occurredAt !== undefined && { occurredAt: about.occurredAt }),
  };
}

/** A plain value that nobody can change any more, all the way down. */
export function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  Object.freeze(value);
  for (const inner of value instanceof Map || value instanceof Set ? value.values() : Object.values(value)) {
    frozen(inner);
  }
  return value;
}

/** An envelope that looks sealed; nothing opens it. */
export const envelope = (subject = ACTOR, text = 'c2VhbGVk'): Sealed => ({
  v: 1,
  subject,
  keyId: `key-of-${subject}`,
  iv: 'AAAAAAAAAAAAAAAA',
  text,
});

function history<E extends Fact>(past: readonly Past<E>[], stream: string, schema: (type: string) => number) {
  const happened: Happened<E>[] = [];
  const revisions = new Map<string, number>();
  const next = (name: string) => {
    const revision = revisions.get(name) ?? 0;
    revisions.set(name, revision + 1);
    return revision;
  };
  for (const item of past) {
    if ('meta' in item) {
      happened.push(frozen({ ...item, revision: next(item.stream) }));
      continue;
    }
    const { about, facts } = 'facts' in item ? item : { about: {}, facts: [item] };
    const name = about.stream ?? stream;
    const intent = intentOf(about, `action-${happened.length}`, happened.length);
    for (const event of facts) happened.push(happen(event, intent, name, next(name), schema(event.type)));
  }
  return happened;
}

function happen<E extends Fact>(event: E, intent: Intent, stream: string, revision: number, schema: number) {
  const { commandId } = intent;
  const meta = { ...intent, correlationId: commandId, causationId: commandId, schema };
  return frozen({ ...event, id: `${stream}:${revision}`, stream, revision, meta }) as Happened<E>;
}

export interface Story<C, E extends Fact, S> {
  readonly past: readonly Happened<E>[];
  /** folded anew each time: do with it what you like */
  readonly state: S;
  /** Decides as the command handler does. What is decided belongs to the past of whatever comes next. */
  when(command: C, about?: Omit<About, 'stream'>): Outcome<C, E, S>;
}

export interface Outcome<C, E extends Fact, S> extends Story<C, E, S> {
  readonly refusal: Refused | undefined;
  /** Strict: these facts, in this order, and nothing else. */
  then(facts: readonly E[]): void;
  thenRefuses(code: string, data?: Readonly<Record<string, unknown>>): void;
}

/** What has happened in one stream, for the rules of its family. */
export function given<C, E extends Fact, S>(
  decider: Decider<C, E, S>,
  ...past: readonly NoInfer<Past<E>>[]
): Story<C, E, S> {
  const [first] = past;
  const stream =
    (first && ('meta' in first ? first.stream : 'about' in first ? first.about.stream : undefined)) ?? STREAM;
  const happened = history<E>(past, stream, () => 1);
  return story(decider, happened, 0);
}

function story<C, E extends Fact, S>(
  decider: Decider<C, E, S>,
  past: readonly Happened<E>[],
  commands: number,
): Story<C, E, S> {
  return {
    past,
    get state() {
      return fold(decider, past);
    },
    when(command, about = {}) {
      const intent = intentOf(about, `command-${commands + 1}`, past.length);
      const { facts, refusal, used, state } = decide(decider, past, frozen(command), frozen(intent));
      const stream = past[0]?.stream ?? STREAM;
      const added = facts.map((event, i) => happen(event, used, stream, past.length + i, 1));
      checkFold(decider, state, past, added);
      return outcome(story(decider, [...past, ...added], commands + 1), facts, refusal);
    },
  };
}

function outcome<C, E extends Fact, S>(
  after: Story<C, E, S>,
  decided: readonly E[],
  refusal: Refused | undefined,
): Outcome<C, E, S> {
  return {
    past: after.past,
    get state() {
      return after.state;
    },
    when: (command, about) => after.when(command, about),
    refusal,
    // biome-ignore lint/suspicious/noThenProperty: given, when, then; awaiting it by mistake fails at once
    then(facts) {
      if (refusal) assert.fail(`refused as ${refusal.code}: ${refusal.message}`);
      assert.deepEqual(decided, facts);
    },
    thenRefuses(code, data) {
      assert.equal(refusal?.code, code, `decided ${JSON.stringify(decided)}`);
      if (data) assert.deepEqual(refusal?.data, data);
    },
  };
}

const fold = <C, E extends Fact, S>({ initial, evolve }: Decider<C, E, S>, past: readonly Happened<E>[]): S =>
  past.reduce<S>((state, event) => evolve(state, event), initial());

const stored = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Decides, and fails where `decide` changes what it is given, is of two minds, or makes what JSON does not keep. */
function decide<C, E extends Fact, S>(
  decider: Decider<C, E, S>,
  past: readonly Happened<E>[],
  command: C,
  intent: Intent,
): { facts: readonly E[]; refusal?: Refused; used: Intent; state: S } {
  const state = fold(decider, past);
  const before = structuredClone(state);
  const { occurredAt: claim, ...rest } = intent;
  const occurredAt = decider.occurredAt ? decider.occurredAt(command, state, intent) : claim;
  const used = frozen({ ...rest, ...(occurredAt !== undefined && { occurredAt }) });
  try {
    decider.authorize?.(command, state, intent);
    const facts = frozen(decider.decide(command, state, used));
    assert.deepEqual(stored(facts), facts, 'a fact holds what JSON does not keep');
    assert.deepEqual(decider.decide(command, frozen(fold(decider, past)), used), facts, 'decided otherwise next time');
    return { facts, used, state };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { facts: [], refusal: error, used, state };
  } finally {
    assert.deepEqual(state, before, 'decide changed the state that it was given');
  }
}

/** The state that was decided on goes on with the new facts, and is then the same as one read back from the log. */
function checkFold<C, E extends Fact, S>(
  decider: Decider<C, E, S>,
  state: S,
  past: readonly Happened<E>[],
  added: readonly Happened<E>[],
): void {
  const kept = added.reduce<S>((folded, event) => decider.evolve(folded, event), state);
  assert.deepEqual(kept, fold(decider, stored([...past, ...added])), 'a fold from the log comes to another state');
}

const LOG = 'log-of-the-test';
/** Positions have gaps, as those of a real log. */
const GAP = 97;

/** What a read model shows after these facts; a fact without a stream stands in stream 1 of the first family. */
export function projecting<Row>(projection: Projection<Row>, ...past: readonly Past[]) {
  const [first] = projection.families;
  const read = reader(projection.families);
  const facts = history(past, first!.streamOf('1'), type => first!.kinds[type]?.version ?? 1).map((event, i) =>
    frozen(read({ ...event, position: (i + 1) * GAP })),
  );
  return {
    /** Strictly these rows, in the order of their keys, whatever the size of batches, and when facts come twice. */
    async shows(rows: readonly Row[]): Promise<void> {
      assertTotal(projection, facts);
      for (const size of new Set([1, 2, 3, Math.max(1, facts.length)])) await shown(projection, facts, size, rows);
    },
  };
}

/** A fact that comes without the row that it is about must not stop a projector. */
function assertTotal<Row>(projection: Projection<Row>, facts: readonly Recorded[]): void {
  for (const fact of facts) for (const key of projection.keys(fact)) projection.fold(undefined, fact, key);
}

/** The compiler lets a misspelt property pass where the right one is optional; a store would drop it in silence. */
function inColumns<Row>({ columns }: Projection<Row>, row: Row | undefined): Row | undefined {
  for (const name of Object.keys(row ?? {}))
    assert.ok(Object.hasOwn(columns, name), `there is no column for "${name}"`);
  return row;
}

async function shown<Row>(projection: Projection<Row>, facts: readonly Recorded[], size: number, rows: readonly Row[]) {
  const models = sqliteReadModels(':memory:');
  try {
    const pure: Projection<Row> = {
      ...projection,
      fold: (row, fact, key) => frozen(inColumns(projection, projection.fold(frozen(row), fact, key))),
    };
    await models.build(pure, 0);
    const model = await models.generation(pure as Projection, 0);
    const subscriber: Subscriber = {
      projection: pure as Projection,
      generation: 0,
      model,
      checkpoint: undefined,
      parked: new Map(),
      live: true,
    };
    await feed(subscriber, facts, size);
    assert.deepEqual(await model.find(), rows, `in batches of ${size}`);
    // What a store does that keeps its rows and loses its checkpoint.
    const start = { log: LOG, position: 0 };
    if (subscriber.checkpoint) await model.commit([], [], subscriber.checkpoint, start);
    subscriber.checkpoint = subscriber.checkpoint && start;
    await feed(subscriber, facts, size);
    assert.deepEqual(await model.find(), rows, `in batches of ${size}, a second time`);
  } finally {
    await models.close();
  }
}

async function feed(subscriber: Subscriber, facts: readonly Recorded[], size: number): Promise<void> {
  for (let i = 0; i < facts.length; i += size) {
    const batch = facts.slice(i, i + size);
    await advance(subscriber, LOG, batch, batch.at(-1)!.position, { onError: 'stop' });
  }
}
