import type { Column, Columns, ColumnType } from './projection.ts';

type Row = Readonly<Record<string, unknown>>;

/**
 * Checks a folded row before any store sees it, so that all stores accept and refuse the same rows; alone, one would
 * round or omit a value that another refuses. Values equal to those in `before`, a checked row, are not checked again.
 * @throws TypeError with the name of the column
 */
export function rowCheck(columns: Columns): (row: Row, before?: Row) => void {
  const all: readonly (readonly [string, Column])[] = Object.entries(columns);
  return (row, before) => {
    for (const [name, { type, optional }] of all) {
      const value = row[name];
      if (before !== undefined && value === before[name]) continue;
      if (value === undefined ? optional : FITS[type](value)) continue;
      throw new TypeError(`the column ${name} (${type}) cannot hold ${shown(value)}`);
    }
  };
}

const FITS: Readonly<Record<ColumnType, (value: unknown) => boolean>> = {
  text: value => typeof value === 'string' && value.isWellFormed(),
  integer: Number.isSafeInteger,
  real: Number.isFinite,
  boolean: value => typeof value === 'boolean',
  json: isJson,
};

/** Whether a value survives JSON unchanged. An undefined field counts as absent. */
function isJson(value: unknown): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value !== 'object') return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(value).every(inner => inner === undefined || isJson(inner));
}

/** For the operator, without members' texts. */
const shown = (value: unknown): string =>
  typeof value === 'number' ? String(value) : value === null ? 'null' : `a value of type ${typeof value}`;
