import { hash, randomUUID } from 'node:crypto';
import { type EventStore, MAX_BYTES, MAX_FACTS, type Proposed } from './event-store/port.ts';
import type { Happened } from './fact.ts';
import { logFamily, newestOnLog, onLog, readLogIdentity } from './log-identity.ts';

/** Equal for two logs with the same facts in the same order. */
export interface Summary {
  readonly count: number;
  /** hash chain: each fact is hashed together with the previous hash */
  readonly hash: string;
}

/** The source of the facts: another log, or a file. */
export interface Origin {
  readonly logId: string;
  readonly keyStore: string;
  /**
   * All facts in order, or those after `last`, without facts about the log itself.
   * @throws Error if `last` is missing
   */
  facts(last?: Happened): AsyncIterable<Happened>;
  /** @throws Error if facts have been added since it was opened */
  unmoved(): Promise<void>;
}

/** Names of ZipBob's streams: a family, a hyphen and an id. */
export const OURS = /^[a-z]+(-|$)/;

export type Progress = (step: 'checked' | 'copied' | 'written', count: number) => void;

export interface CopyOptions {
  clock?: () => Date;
  onProgress?: Progress;
}

/** Counts facts and hashes everything that a copy keeps of them. */
export class Chain {
  #count = 0;
  #hash = '';

  add({ stream, revision, id, type, data, meta }: Happened): void {
    this.#hash = hash('sha256', this.#hash + JSON.stringify([stream, revision, id, type, data, meta]));
    this.#count++;
  }

  get summary(): Summary {
    return { count: this.#count, hash: this.#hash };
  }
}

/**
 * The present content of a log.
 * @throws Error if it is empty or an unfinished copy
 */
export async function originOf(store: EventStore): Promise<Origin> {
  const identity = await readLogIdentity(store);
  if (!identity) throw new Error('there is no event log in it');
  const { position, newest } = await store.head();
  return {
    logId: identity.logId,
    keyStore: identity.keyStore,
    async *facts(last) {
      yield* factsOf(store, last ? await placeOf(store, last) : 0, position);
    },
    async unmoved() {
      if ((await store.head()).newest?.id === newest!.id) return;
      throw new Error(
        'facts were added to the log while it was copied. Stop every server that uses it, and copy again',
      );
    },
  };
}

/**
 * Copies all facts into an empty target, or resumes an interrupted copy of the same log. The target is marked as
 * unfinished until the end; then it gets an identity of its own.
 * @throws Error for the operator if the target is not empty, or differs in the end
 */
export async function copyLog(
  origin: Origin,
  target: EventStore,
  { clock = () => new Date(), onProgress = () => {} }: CopyOptions = {},
): Promise<Summary & { readonly logId: string }> {
  const last = await begin(origin, target, clock);
  let copied = 0;
  for await (const run of runs(origin.facts(last))) {
    const { stream, revision } = run[0]!;
    await target.append(stream, run.map(again), revision === 0 ? 'none' : revision - 1);
    copied += run.length;
    onProgress('copied', copied);
  }
  const summary = await compare(origin, target, onProgress);
  await origin.unmoved();
  const logId = randomUUID();
  const event = { type: 'LogOpened', data: { logId, keyStore: origin.keyStore } } as const;
  await target.append(logFamily.name, [onLog(event, logId, clock())], 0);
  return { ...summary, logId };
}

/** Returns the last copied fact if this copy was begun before. */
async function begin(origin: Origin, target: EventStore, clock: () => Date): Promise<Happened | undefined> {
  const { newest } = await target.head();
  const known = await newestOnLog(target);
  if (!newest) {
    const event = { type: 'CopyStarted', data: { from: origin.logId, keyStore: origin.keyStore } } as const;
    await target.append(logFamily.name, [onLog(event, randomUUID(), clock())], 'none');
    return undefined;
  }
  if (!known) throw refused(`it holds ${newest.stream}, but nothing says that this is an unfinished copy`);
  if (known.type === 'LogOpened') {
    throw refused(`it is the log ${known.data.logId}${known.revision > 0 ? ', a finished copy or restored' : ''}`);
  }
  const { from, keyStore } = known.data;
  if (from !== origin.logId) throw refused(`it is an unfinished copy of another log (${from})`);
  if (keyStore !== origin.keyStore) throw refused('it is an unfinished copy that belongs to other keys');
  return newest.stream === logFamily.name ? undefined : newest;
}

const refused = (why: string) => new Error(`the target is not empty: ${why}. Choose an empty one`);

export const notHeld = ({ stream, revision }: Happened): Error =>
  refused(`it holds ${stream} at revision ${revision}, which the log to be copied does not hold`);

async function placeOf(store: EventStore, last: Happened): Promise<number> {
  for await (const found of store.read(last.stream, { from: last.revision, upTo: last.revision })) {
    if (found.id === last.id) return found.position;
  }
  throw notHeld(last);
}

/** The facts between two positions, without those about the log itself. */
async function* factsOf(store: EventStore, after: number, upTo: number) {
  for await (const { events } of store.follow({ after, live: false })) {
    for (const stored of events) {
      if (stored.position > upTo) return;
      if (!OURS.test(stored.stream))
        throw new Error(`it holds "${stored.stream}", which no ZipBob writes: it is not copied`);
      if (stored.stream !== logFamily.name) yield stored;
    }
  }
}

/** Groups adjacent facts of one stream, as many as one append takes. */
async function* runs(facts: AsyncIterable<Happened>): AsyncGenerator<Happened[]> {
  let run: Happened[] = [];
  let bytes = 0;
  for await (const stored of facts) {
    const size = Buffer.byteLength(JSON.stringify(stored.data)) + Buffer.byteLength(JSON.stringify(stored.meta));
    const fits = run.length < MAX_FACTS && bytes + size <= MAX_BYTES && run[0]?.stream === stored.stream;
    if (!fits && run.length > 0) {
      yield run;
      run = [];
      bytes = 0;
    }
    run.push(stored);
    bytes += size;
  }
  if (run.length > 0) yield run;
}

/** With the same id, so that an append without an answer may be resent. */
const again = ({ id, type, data, meta }: Happened): Proposed => ({ id, event: { type, data }, meta });

/** @throws Error if the target does not hold the same facts in the same order */
async function compare(origin: Origin, target: EventStore, onProgress: Progress): Promise<Summary> {
  const position = await target.headPosition();
  const [expected, actual] = [new Chain(), new Chain()];
  for await (const stored of origin.facts()) expected.add(stored);
  for await (const stored of factsOf(target, 0, position)) {
    actual.add(stored);
    onProgress('checked', actual.summary.count);
  }
  const { count, hash } = actual.summary;
  if (count === expected.summary.count && hash === expected.summary.hash) return actual.summary;
  throw new Error(
    `the copy is not the same: ${count} facts instead of ${expected.summary.count}${count === expected.summary.count ? ', which differ' : ''}. It was not opened; copy again into an empty target`,
  );
}
