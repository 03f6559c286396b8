import type { ColumnType, Shape } from '../../core/projection.ts';
import type { Row, Value } from '../mariadb/connections.ts';
import { TEXT } from '../mariadb/schema.ts';

/**
 * How many characters of an indexed text are in its index: MariaDB's entries have at most 3072 bytes. A text of so many
 * or more is kept whole in a column of its own beside it, and compared there; sorting by it takes no index then.
 */
const HEAD = 64;
/** Characters that the key of a row may have, for the same reason. */
export const KEY = 255;

/** One column of a projection, and where its values are. */
export interface StoredColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** the quoted column that is indexed and compared; of a long text it has the head */
  readonly column: string;
  /** the quoted column of texts that fill their head, if it is an indexed text */
  readonly whole?: string;
  /** an expression with the whole value */
  readonly exact: string;
}

export const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``;

export function storedColumns({ columns, indexes, carried }: Shape): readonly StoredColumn[] {
  const indexed = new Set([...indexes.flat(), ...carried]);
  return Object.entries(columns).map(([name, { type }]) => {
    const column = quoted(name);
    if (type !== 'text' || !indexed.has(name)) return { name, type, column, exact: column };
    const whole = quoted(`${name} whole`);
    return { name, type, column, whole, exact: `COALESCE(${whole}, ${column})` };
  });
}

/** Names of all columns that hold values of rows, in the order of `valuesOf`. */
export const columnNames = (columns: readonly StoredColumn[]): readonly string[] =>
  columns.flatMap(({ column, whole }) => (whole === undefined ? [column] : [column, whole]));

/**
 * Expressions that a statement reads, each with its quoted name. A real number is read as text: the driver's own reading
 * of one is wrong in its last place now and then. It gets a name of its own, as sorting by its column must not find it.
 */
export const selected = (columns: readonly StoredColumn[]): readonly (readonly [string, string])[] =>
  columns.flatMap(({ name, type, column, whole }) => {
    if (type === 'real') return [[`CAST(${column} AS CHAR)`, quoted(asText(name))] as const];
    return (whole === undefined ? [column] : [column, whole]).map(read => [read, read] as const);
  });

const asText = (name: string) => `${name} text`;

const SQL_TYPES: Record<ColumnType, string> = {
  text: `LONGTEXT ${TEXT}`,
  integer: 'BIGINT',
  real: 'DOUBLE',
  boolean: 'TINYINT',
  json: `LONGTEXT ${TEXT}`,
};

export const definitions = (columns: readonly StoredColumn[]): readonly string[] =>
  columns.flatMap(({ column, type, whole }) =>
    whole === undefined
      ? [`${column} ${SQL_TYPES[type]}`]
      : [`${column} VARCHAR(${HEAD}) ${TEXT}`, `${whole} ${SQL_TYPES.text}`],
  );

export function valuesOf(columns: readonly StoredColumn[], row: Row | undefined): Value[] {
  const values: Value[] = [];
  for (const { name, type, whole } of columns) {
    const value = row?.[name];
    if (whole === undefined) values.push(toSql(type, value));
    else values.push(...headAndWhole(value as string | undefined));
  }
  return values;
}

export function rowOf(columns: readonly StoredColumn[], raw: Row): Row {
  const row: Row = {};
  for (const { name, type, whole } of columns) {
    const value = type === 'real' ? raw[asText(name)] : ((whole && raw[`${name} whole`]) ?? raw[name]);
    if (value !== null) row[name] = fromSql(type, value);
  }
  return row;
}

function fromSql(type: ColumnType, value: unknown): unknown {
  if (type === 'json') return JSON.parse(value as string);
  if (type === 'real') return Number(value);
  return type === 'boolean' ? value === 1 : value;
}

/** Whether a text is so long that its head alone does not tell where it is in the order. */
export const fillsHead = (value: unknown): boolean => typeof value === 'string' && headOf(value).fills;

function headAndWhole(value: string | undefined): [Value, Value] {
  if (value === undefined) return [null, null];
  const { head, fills } = headOf(value);
  return fills ? [head, value] : [value, null];
}

/** In characters, as MariaDB counts them: a pair of surrogates is one. */
function headOf(value: string): { head: string; fills: boolean } {
  if (value.length < HEAD) return { head: value, fills: false };
  const head = [...value.slice(0, 2 * HEAD)].slice(0, HEAD);
  return { head: head.join(''), fills: head.length === HEAD };
}

function toSql(type: ColumnType, value: unknown): Value {
  if (value === undefined) return null;
  if (type === 'json') return JSON.stringify(value);
  return type === 'boolean' ? Number(value) : (value as Value);
}
