import { randomBytes } from 'node:crypto';
import type { Collection, Document, OptionalUnlessRequiredId } from 'mongodb';
import { Unavailable } from '../../core/errors.ts';
import type { Lease } from '../../core/lease.ts';
import type { Projection, Shape } from '../../core/projection.ts';
import type { Checkpoint, ReadModel, ReadModels } from '../../core/read-model/port.ts';
import { modelName, versioned } from './generations.ts';
import { Connection, INDEX_MS, isDuplicate } from './mongodb/connection.ts';
import { type GenerationDocument, MongoReadModel } from './mongodb/model.ts';
import { pathOf } from './mongodb/query.ts';

/** Raised when an older release could no longer read what this one writes. */
const FORMAT = 1;
/** `projection@version#generation`, and what tells one building of it from another */
const ROWS = /^.+@\d+#\d+\.[0-9a-f]{16}$/;

interface ServedDocument {
  /** `projection@version` */
  readonly _id: string;
  readonly generation: number;
}
interface LeaseDocument {
  readonly _id: string;
  readonly holder: string | null;
  readonly renewals: number;
  readonly challenged: boolean;
}
interface AboutDocument {
  readonly _id: string;
  readonly format: number;
}

/**
 * Read models in a database of a MongoDB (standalone server, replica set or sharded cluster): a collection of documents
 * for each generation. No transactions: rows, each guarded by its position, are written before the checkpoint.
 * @throws Unavailable where something is wrong with the URL; it connects when it is first used
 */
export const mongoReadModels = (url: string): MongoReadModels => new MongoReadModels(new Connection(url));

export class MongoReadModels implements ReadModels {
  readonly #connection: Connection;
  readonly #generations: Collection<GenerationDocument>;
  readonly #served: Collection<ServedDocument>;
  readonly #leases: Collection<LeaseDocument>;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.#generations = connection.collection('generations');
    this.#served = connection.collection('served');
    this.#leases = connection.collection('leases');
  }

  /** Makes the database ours where it is empty. @throws Unavailable, with a message for the operator where it is not ours */
  async prepare(): Promise<void> {
    const about = this.#connection.collection<AboutDocument>('about');
    const refused = (what: string) =>
      new Unavailable(`MONGODB_URL: the database ${this.#connection.db.databaseName} ${what}`);
    await this.#connection.ask(async () => {
      const isOurs = async () => {
        const present = await about.findOne({ _id: 'zipbob' });
        if (present && present.format > FORMAT) throw refused('was written by a newer release: run that one');
        return present !== null;
      };
      if (await isOurs()) return;
      const collections = await this.#connection.db.listCollections({}, { nameOnly: true }).toArray();
      const others = collections.filter(({ name }) => !name.startsWith('system.') && name !== about.collectionName);
      // Another node may have made it ours meanwhile, and more.
      if (others.length > 0 && !(await isOurs())) {
        throw refused('holds collections of another program: name an empty one');
      }
      await inserted(about, { _id: 'zipbob', format: FORMAT });
    });
  }

  async build(projection: Shape, generation: number): Promise<void> {
    const { name, version } = projection;
    const id = modelName(projection, generation);
    const random = () => randomBytes(8).toString('hex');
    const empty = { _id: id, projection: name, version, generation, commit: random(), parked: [] };
    await this.#connection.ask(() => inserted(this.#generations, { ...empty, rows: `${id}.${random()}` }));
  }

  async generation<Row>(projection: Projection<Row>, generation: number): Promise<ReadModel<Row>> {
    const state = await this.#state(projection, generation);
    if (!state) throw new Unavailable(`${modelName(projection, generation)} is not built yet`);
    return new MongoReadModel(this.#connection, this.#generations, state, projection);
  }

  #state(projection: Shape, generation: number) {
    const options = { projection: { rows: 1 } };
    return this.#connection.ask(() => this.#generations.findOne({ _id: modelName(projection, generation) }, options));
  }

  async served(projection: Shape): Promise<number | undefined> {
    const served = await this.#connection.ask(() => this.#served.findOne({ _id: versioned(projection) }));
    return served?.generation;
  }

  async serve(projection: Shape, generation: number): Promise<void> {
    const state = await this.#state(projection, generation);
    if (state) {
      const rows = this.#connection.collection(state.rows);
      await this.#connection.ask(() => rows.createIndexes(indexesOf(projection)), INDEX_MS);
    }
    await this.#connection.ask(async () => {
      const served = { _id: versioned(projection), generation };
      if (await inserted(this.#served, served)) return;
      await this.#served.updateOne({ _id: served._id }, { $set: { generation } });
    });
  }

  async drop(projection: Shape, generation: number): Promise<void> {
    await this.#connection.ask(async () => {
      await this.#served.deleteOne({ _id: versioned(projection), generation });
      await this.#generations.deleteOne({ _id: modelName(projection, generation) });
      await this.#sweep();
    });
  }

  async versions(name: string): Promise<readonly number[]> {
    const all = await this.#connection.ask(() =>
      this.#generations.find({ projection: name }, { projection: { version: 1 } }).toArray(),
    );
    return [...new Set(all.map(({ version }) => version))].sort((a, b) => a - b);
  }

  async retire(name: string, version: number): Promise<void> {
    await this.#connection.ask(async () => {
      await this.#served.deleteOne({ _id: versioned({ name, version }) });
      await this.#generations.deleteMany({ projection: name, version });
      await this.#sweep();
    });
  }

  /**
   * Drops collections of generations that are gone, also what a late writer or a crash has left. A generation is entered
   * before its collection can be there: so collections are listed first.
   */
  async #sweep(): Promise<void> {
    const collections = await this.#connection.db.listCollections({}, { nameOnly: true }).toArray();
    const all = await this.#generations.find({}, { projection: { rows: 1 } }).toArray();
    const inUse = new Set(all.map(({ rows }) => rows));
    for (const { name } of collections) {
      if (ROWS.test(name) && !inUse.has(name)) await this.#connection.db.dropCollection(name);
    }
  }

  async checkpoints(): Promise<readonly Checkpoint[]> {
    const all = await this.#connection.ask(() =>
      this.#generations.find({ checkpoint: { $exists: true } }, { projection: { checkpoint: 1 } }).toArray(),
    );
    return all.map(({ checkpoint }) => checkpoint!);
  }

  async lease(name: string): Promise<Lease | undefined> {
    const lease = await this.#connection.ask(() => this.#leases.findOne({ _id: name }));
    if (!lease) return undefined;
    const { holder, renewals, challenged } = lease;
    return { holder: holder ?? undefined, renewals, challenged };
  }

  async swapLease(name: string, from: Lease | undefined, to: Lease): Promise<boolean> {
    const fieldsOf = ({ holder, renewals, challenged }: Lease) => ({ holder: holder ?? null, renewals, challenged });
    return this.#connection.ask(async () => {
      if (from) {
        const swapped = await this.#leases.updateOne({ _id: name, ...fieldsOf(from) }, { $set: fieldsOf(to) });
        return swapped.matchedCount === 1;
      }
      return inserted(this.#leases, { _id: name, ...fieldsOf(to) });
    });
  }

  close(): Promise<void> {
    return this.#connection.close();
  }
}

/** @returns false where there is a document of that id already */
async function inserted<T extends Document>(
  collection: Collection<T>,
  document: OptionalUnlessRequiredId<T>,
): Promise<boolean> {
  try {
    await collection.insertOne(document);
    return true;
  } catch (error) {
    if (isDuplicate(error)) return false;
    throw error;
  }
}

/** Deleted rows stand apart. The key makes the order of rows complete; what queries narrow by besides comes last. */
function indexesOf({ indexes, carried }: Shape) {
  const byColumns = indexes.map(by => {
    const others = carried.filter(column => !by.includes(column));
    return ['deleted', ...by.map(pathOf), '_id', ...others.map(pathOf)];
  });
  return [['position', '_id'], ...byColumns].map((fields, i) => ({
    key: Object.fromEntries(fields.map(field => [field, 1 as const])),
    name: `index-${i}`,
  }));
}
