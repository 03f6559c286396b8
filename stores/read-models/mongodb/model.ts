import { randomUUID } from 'node:crypto';
import type { Collection } from 'mongodb';
import type { Projection } from '../../../core/projection.ts';
import type { Change, Checkpoint, Parked, Query, ReadModel, Stored, Where } from '../../../core/read-model/port.ts';
import { requireReached } from '../generations.ts';
import type { Connection } from './connection.ts';
import { Documents, type RowDocument } from './documents.ts';
import { filterOf, sortOf } from './query.ts';
import { restored, stored } from './text.ts';
import { writeRows } from './writing.ts';

/** Where a generation stands. A checkpoint and the keys that it parks move together: both are in this document. */
export interface GenerationDocument {
  /** `projection@version#generation` */
  readonly _id: string;
  readonly projection: string;
  readonly version: number;
  readonly generation: number;
  /** the collection of its rows: another one each time that it is built, so that a late writer finds no place there */
  readonly rows: string;
  /** of the commit that wrote this document */
  readonly commit: string;
  readonly checkpoint?: Checkpoint;
  readonly parked: readonly Parked[];
}

const LOAD_AT_ONCE = 1000;

export class MongoReadModel<Row> implements ReadModel<Row> {
  readonly #connection: Connection;
  readonly #generations: Collection<GenerationDocument>;
  readonly #name: string;
  readonly #rows: Collection<RowDocument>;
  readonly #documents: Documents<Row>;

  constructor(
    connection: Connection,
    generations: Collection<GenerationDocument>,
    { _id, rows }: Pick<GenerationDocument, '_id' | 'rows'>,
    projection: Projection<Row>,
  ) {
    this.#connection = connection;
    this.#generations = generations;
    this.#name = _id;
    this.#rows = connection.collection(rows);
    this.#documents = new Documents(projection.columns);
  }

  async checkpoint(): Promise<Checkpoint | undefined> {
    return (await this.#connection.ask(() => this.#state()))?.checkpoint;
  }

  /** None where it was dropped, or dropped and built again. */
  #state(): Promise<GenerationDocument | null> {
    return this.#generations.findOne({ _id: this.#name, rows: this.#rows.collectionName });
  }

  /** The position of the checkpoint. @throws Behind */
  async #reached(atLeast = 0): Promise<number> {
    const position = (await this.checkpoint())?.position ?? 0;
    requireReached(this.#name, position, atLeast);
    return position;
  }

  /** Rows are written before their checkpoint: those that are read after it are as new. @throws Behind */
  async #require(atLeast: number | undefined): Promise<void> {
    if (atLeast !== undefined) await this.#reached(atLeast);
  }

  async load(keys: readonly string[], atLeast?: number): Promise<ReadonlyMap<string, Stored<Row>>> {
    await this.#require(atLeast);
    const found = new Map<string, Stored<Row>>();
    for (let start = 0; start < keys.length; start += LOAD_AT_ONCE) {
      const ids = keys.slice(start, start + LOAD_AT_ONCE).map(stored);
      const documents = await this.#connection.ask(() => this.#rows.find({ _id: { $in: ids } }).toArray());
      for (const document of documents) found.set(restored(document._id), this.#documents.storedOf(document));
    }
    return found;
  }

  async commit(
    changes: readonly Change<Row>[],
    parked: readonly Parked[],
    from: Checkpoint | undefined,
    upTo: Checkpoint,
  ): Promise<'committed' | 'fenced'> {
    const documents = changes.map(change => this.#documents.documentOf(change));
    const before = await this.#connection.persist(() => this.#state());
    if (!before || !isSame(before.checkpoint, from)) return 'fenced';
    await writeRows(this.#connection, this.#rows, documents);
    const next = { ...before, checkpoint: upTo, parked: merged(before.parked, parked), commit: randomUUID() };
    return this.#move(before, next);
  }

  /** Compare-and-swap. When an answer was lost, the document says whose commit was the last. */
  #move({ _id, commit }: GenerationDocument, next: GenerationDocument): Promise<'committed' | 'fenced'> {
    return this.#connection.persist(async () => {
      const { matchedCount } = await this.#generations.replaceOne({ _id, commit }, next);
      if (matchedCount === 1) return 'committed';
      return (await this.#state())?.commit === next.commit ? 'committed' : 'fenced';
    });
  }

  async parked(): Promise<readonly Parked[]> {
    const parked = (await this.#connection.ask(() => this.#state()))?.parked ?? [];
    return parked.map(entry => ({ ...entry, key: restored(entry.key), error: restored(entry.error) }));
  }

  async find(query: Query<Row> = {}): Promise<readonly Row[]> {
    await this.#require(query.atLeast);
    const { where, limit = 0 } = query;
    if (query.limit === 0) return [];
    const found = await this.#connection.ask(() =>
      this.#rows.find(filterOf(where, query)).sort(sortOf(query)).limit(limit).toArray(),
    );
    return found.map(({ row }) => this.#documents.rowOf(row!));
  }

  async count(where?: Where<Row>, atLeast?: number): Promise<number> {
    await this.#require(atLeast);
    return this.#connection.ask(() => this.#rows.countDocuments(filterOf(where)));
  }

  /** Rows ahead of the checkpoint are left for later: others that come before them may not be written yet. */
  async changed(after: number, limit: number, atLeast?: number): Promise<readonly Change<Row>[]> {
    const upTo = await this.#reached(atLeast);
    const between = (first: number, last: number) =>
      this.#rows.find({ position: { $gt: first, $lte: last } }).sort({ position: 1, _id: 1 });
    const found = await this.#connection.ask(async () => {
      const page = await between(after, upTo).limit(limit).toArray();
      if (page.length < limit) return page;
      const last = page.at(-1)!.position;
      const rest = await between(last - 1, last).toArray();
      return [...page.filter(({ position }) => position < last), ...rest];
    });
    return found.map(document => this.#documents.changeOf(document));
  }
}

const isSame = (present: Checkpoint | undefined, from: Checkpoint | undefined): boolean =>
  present?.log === from?.log && present?.position === from?.position;

/** In the order of their keys. What was parked before only counts on. */
function merged(before: readonly Parked[], parked: readonly Parked[]): Parked[] {
  const all = new Map(before.map(entry => [entry.key, entry]));
  for (const entry of parked) {
    const key = stored(entry.key);
    const { skipped } = entry;
    const known = all.get(key) ?? { ...entry, key, error: stored(entry.error) };
    all.set(key, { ...known, skipped });
  }
  return [...all.values()].sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
}
