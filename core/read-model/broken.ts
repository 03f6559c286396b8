import type { Make } from './broken/judging.ts';
import { MemoryModel, MemoryReadModels } from './broken/memory.ts';
import { compareValues } from './contract-find.ts';
import type { Thing } from './contract-sample.ts';
import type { Change, Checkpoint, Parked, Stored, Where } from './port.ts';

/** An adapter with one fault, and the title of the only case that may reject it. */
export interface Broken {
  readonly fault: string;
  readonly rejectedBy: string;
  readonly make: Make;
}

const model =
  (Model: typeof MemoryModel): Make =>
  shared =>
    new MemoryReadModels(shared, Model);

/** A sound store without transactions: it writes rows, guarded by their positions, before it compares the checkpoint. */
export const rowsFirst: Make = model(
  class extends MemoryModel {
    override fenced(changes: readonly Change<Thing>[]) {
      this.write(changes);
      return 'fenced' as const;
    }
  },
);

/** Adapters that each break one rule of the port. Each proves that the contract suite checks that rule. */
export const broken: readonly Broken[] = [
  {
    fault: 'the checkpoint is ahead of rows that could not be written',
    rejectedBy: 'checkpoint and rows: a commit that fails half-way keeps the old rows and checkpoint',
    make: model(
      class extends MemoryModel {
        override async commit(
          changes: readonly Change<Thing>[],
          parked: readonly Parked[],
          from: Checkpoint | undefined,
          upTo: Checkpoint,
        ) {
          const data = this.usable();
          if (!this.isAt(data.checkpoint, from)) return 'fenced';
          data.checkpoint = upTo;
          this.write(changes);
          this.park(parked);
          return 'committed';
        }
      },
    ),
  },
  {
    fault: 'an older row wins',
    rejectedBy: 'older facts: a change at an older position is ignored',
    make: model(
      class extends MemoryModel {
        override isStale(stored: Stored<Thing>, change: Change<Thing>) {
          return stored.position === change.position || (!stored.row && stored.position > change.position);
        }
      },
    ),
  },
  {
    fault: 'a row of an equal position wins',
    rejectedBy: 'older facts: a change at an equal position is ignored',
    make: model(
      class extends MemoryModel {
        override isStale(stored: Stored<Thing>, change: Change<Thing>) {
          return stored.position > change.position;
        }
      },
    ),
  },
  {
    fault: 'a tombstone does not block older changes',
    rejectedBy: 'older facts: a stale change does not bring a deleted row back',
    make: model(
      class extends MemoryModel {
        override isStale(stored: Stored<Thing>, change: Change<Thing>) {
          return stored.row !== undefined && stored.position >= change.position;
        }
      },
    ),
  },
  {
    fault: 'a row that comes back is merged with the one before its deletion',
    rejectedBy: 'older facts: a row that comes back keeps nothing of the deleted one',
    make: model(
      class extends MemoryModel {
        readonly #deleted = new Map<string, Thing>();
        override write(changes: readonly Change<Thing>[]) {
          for (const { key, row } of changes) {
            const stored = this.data.rows.get(key)?.row;
            if (!row && stored) this.#deleted.set(key, stored);
          }
          super.write(changes.map(change => ({ ...change, row: this.#back(change) })));
        }
        #back({ key, row }: Change<Thing>): Thing | undefined {
          const stored = this.data.rows.get(key);
          return row && stored && !stored.row ? { ...this.#deleted.get(key), ...row } : row;
        }
      },
    ),
  },
  {
    fault: 'a field that a newer row lacks is kept',
    rejectedBy: 'values: a field that a newer row lacks is removed',
    make: model(
      class extends MemoryModel {
        override merged(stored: Stored<Thing> | undefined, row: Thing) {
          return { ...stored?.row, ...row };
        }
      },
    ),
  },
  {
    fault: 'a fenced commit moves the checkpoint',
    rejectedBy: 'checkpoint and rows: a commit from an older checkpoint is fenced',
    make: model(
      class extends MemoryModel {
        override fenced(_: readonly Change<Thing>[], from: Checkpoint | undefined, upTo: Checkpoint) {
          if (from?.position === 0) this.data.checkpoint = upTo;
          return 'fenced' as const;
        }
      },
    ),
  },
  {
    fault: 'a fenced commit returns committed',
    rejectedBy: 'checkpoint and rows: a commit from a newer checkpoint is fenced',
    make: model(
      class extends MemoryModel {
        override fenced(_: readonly Change<Thing>[], from: Checkpoint | undefined) {
          const present = this.data.checkpoint;
          return present && from && from.position > present.position ? ('committed' as const) : ('fenced' as const);
        }
      },
    ),
  },
  {
    fault: 'a fenced commit overwrites a newer row',
    rejectedBy: 'checkpoint and rows: a fenced commit overwrites no newer row',
    make: model(
      class extends MemoryModel {
        override fenced(changes: readonly Change<Thing>[]) {
          for (const { key, ...stored } of changes) this.data.rows.set(key, stored);
          return 'fenced' as const;
        }
      },
    ),
  },
  {
    fault: 'the log of a checkpoint is not compared',
    rejectedBy: 'checkpoint and rows: a commit from the checkpoint of another log is fenced',
    make: model(
      class extends MemoryModel {
        override isAt(present: Checkpoint | undefined, from: Checkpoint | undefined) {
          return present?.position === from?.position && from?.log.at(-1) !== '-';
        }
      },
    ),
  },
  {
    fault: 'a cursor skips rows of an equal value once its own row is gone',
    rejectedBy: 'find: a page continues after a row that was deleted meanwhile',
    make: model(
      class extends MemoryModel {
        override async find(query = {}) {
          const { after, orderBy } = query as { after?: readonly [unknown, string]; orderBy?: keyof Thing };
          const found = await super.find(query);
          if (!after || !orderBy || this.data.rows.get(after[1])?.row) return found;
          return found.filter(row => row[orderBy] !== after[0]);
        }
      },
    ),
  },
  {
    fault: 'text matches regardless of case',
    rejectedBy: 'values: keys and texts that only look alike are different',
    make: model(
      class extends MemoryModel {
        override present(where: Where<Thing> = {}) {
          const { label, ...rest } = where;
          if (typeof label !== 'string') return super.present(where);
          return super.present(rest).filter(([, row]) => row.label?.toLowerCase() === label.toLowerCase());
        }
      },
    ),
  },
  {
    fault: 'an absent value sorts last',
    rejectedBy: 'find: rows without a value sort first, equal values by key',
    make: model(
      class extends MemoryModel {
        override compare(a: unknown, b: unknown) {
          return a === undefined || b === undefined ? -compareValues(a, b) : compareValues(a, b);
        }
      },
    ),
  },
  {
    fault: 'text sorts by UTF-16',
    rejectedBy: 'find: texts compare by the bytes of their UTF-8',
    make: model(
      class extends MemoryModel {
        override compare(a: unknown, b: unknown) {
          if (typeof a !== 'string' || typeof b !== 'string') return compareValues(a, b);
          return a < b ? -1 : Number(a > b);
        }
      },
    ),
  },
  {
    fault: 'a load does not compare the position of the replica',
    rejectedBy: 'checkpoint and rows: a load requires the position that it names',
    make: model(
      class extends MemoryModel {
        override load(keys: readonly string[]) {
          return super.load(keys);
        }
      },
    ),
  },
  {
    fault: 'a count ignores how far the replica is',
    rejectedBy: 'checkpoint and rows: a count at a position is exact or Behind',
    make: model(
      class extends MemoryModel {
        override count(where?: Where<Thing>) {
          return super.count(where);
        }
      },
    ),
  },
  {
    fault: 'changes are read from a replica that is behind',
    rejectedBy: 'changed: changes at a position are complete or Behind',
    make: model(
      class extends MemoryModel {
        override changed(after: number, limit: number) {
          return super.changed(after, limit);
        }
      },
    ),
  },
  {
    fault: 'changed rows of one position are split between pages',
    rejectedBy: 'changed: rows of one position are never split between pages',
    make: model(
      class extends MemoryModel {
        override async changed(after: number, limit: number, atLeast?: number) {
          return (await super.changed(after, limit, atLeast)).slice(0, limit);
        }
      },
    ),
  },
  {
    fault: 'opening a generation builds it',
    rejectedBy: 'generations: a generation that is not built, or was dropped, cannot be opened',
    make: shared =>
      new (class extends MemoryReadModels {
        override generation: MemoryReadModels['generation'] = async (projection, generation) => {
          await this.build(projection, generation);
          return MemoryReadModels.prototype.generation.call(this, projection, generation) as never;
        };
      })(shared),
  },
  {
    fault: 'a lease is swapped from any number of renewals',
    rejectedBy: 'leases: a lease is not swapped if its renewal count differs',
    make: shared =>
      new (class extends MemoryReadModels {
        override isSameLease: MemoryReadModels['isSameLease'] = (present, from) =>
          present?.holder === from?.holder && present?.challenged === from?.challenged;
      })(shared),
  },
];
