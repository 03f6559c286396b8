import type { Column, Columns, ColumnType } from '../../../core/projection.ts';
import type { Change, Stored } from '../../../core/read-model/port.ts';
import { restored, stored } from './text.ts';

/** A row, or the tombstone of one: a bare deletion would let a slow, fenced runner bring the row back. */
export interface RowDocument {
  /** the key, which is the shard key too */
  readonly _id: string;
  readonly position: number;
  readonly deleted: boolean;
  readonly row?: Readonly<Record<string, unknown>>;
}

/** Turns rows into documents and back, column by column. */
export class Documents<Row> {
  readonly #columns: readonly (readonly [string, Column])[];

  constructor(columns: Columns) {
    this.#columns = Object.entries(columns);
  }

  documentOf({ key, position, row }: Change<Row>): RowDocument {
    if (!row) return { _id: stored(key), position, deleted: true };
    const fields: Record<string, unknown> = {};
    for (const [name, { type }] of this.#columns) {
      const value = (row as Record<string, unknown>)[name];
      if (value !== undefined) fields[name] = toBson(type, value);
    }
    return { _id: stored(key), position, deleted: false, row: fields };
  }

  rowOf(fields: Readonly<Record<string, unknown>>): Row {
    const row: Record<string, unknown> = {};
    for (const [name, { type }] of this.#columns) {
      const value = fields[name];
      if (value !== undefined && value !== null) row[name] = fromBson(type, value);
    }
    return row as Row;
  }

  changeOf(document: RowDocument): Change<Row> {
    return { key: restored(document._id), ...this.storedOf(document) };
  }

  storedOf({ position, row }: RowDocument): Stored<Row> {
    return { position, row: row && this.rowOf(row) };
  }
}

/** JSON is stored as a text: BSON has no field names with a zero character, and a limit to how deep values are nested. */
function toBson(type: ColumnType, value: unknown): unknown {
  if (type === 'json') return JSON.stringify(value);
  return type === 'text' ? stored(value as string) : value;
}

function fromBson(type: ColumnType, value: unknown): unknown {
  if (type === 'json') return JSON.parse(value as string);
  return type === 'text' ? restored(value as string) : value;
}
