import { z } from 'zod';

/** The size limit of a NATS message in bytes, and the part reserved for headers and a request's meta. */
export const BUS_BYTES = 1024 * 1024;
const META_BYTES = 64 * 1024;
/** Size limit of an internal message as JSON, in bytes. */
export const MESSAGE_BYTES = BUS_BYTES - META_BYTES;
/** Items of a paged list: a message holds as many as fit. */
export const PAGE_BYTES = 512 * 1024;

export const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value) ?? '');

/** A schema that limits its value's size as JSON, in bytes. */
export const atMost = <S extends z.ZodType>(schema: S, bytes: number): S =>
  schema
    .refine(value => bytesOf(value) <= bytes, `has more than ${bytes} bytes`)
    .meta({ maxBytes: bytes }) as unknown as S;

/** The first items that fit into a number of bytes as JSON, and the rest. An item that never fits is dropped. */
export function paged<T>(items: readonly T[], bytes: number): { page: T[]; rest: readonly T[] } {
  const page: T[] = [];
  let left = bytes - 2;
  for (const [index, item] of items.entries()) {
    const size = bytesOf(item) + 1;
    if (size > bytes - 2) continue;
    if (size > left) return { page, rest: items.slice(index) };
    left -= size;
    page.push(item);
  }
  return { page, rest: [] };
}

interface Shape {
  readonly maxBytes?: number;
  readonly anyOf?: readonly Shape[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly type?: string;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: unknown;
}

/** Size of the longest number, and of the longest UTF-16 unit of a text: `\u001f`. */
const NUMBER_BYTES = 25;
const UNIT_BYTES = 6;

/** The largest size of a schema's value as JSON, in bytes; Infinity if the schema sets no bound. */
export const mostBytes = (schema: z.ZodType): number =>
  schema instanceof z.ZodUndefined ? 0 : bytesOfShape(z.toJSONSchema(schema, { unrepresentable: 'any' }) as Shape);

function bytesOfShape(shape: Shape): number {
  if (shape.maxBytes !== undefined) return shape.maxBytes;
  if (shape.anyOf) return Math.max(...shape.anyOf.map(bytesOfShape));
  if ('const' in shape) return bytesOf(shape.const);
  if (shape.enum) return Math.max(...shape.enum.map(bytesOf));
  switch (shape.type) {
    case 'boolean':
      return 5;
    case 'null':
      return 4;
    case 'integer':
    case 'number':
      return NUMBER_BYTES;
    case 'string':
      return 2 + UNIT_BYTES * (shape.maxLength ?? Number.POSITIVE_INFINITY);
    case 'array':
      return 2 + (shape.maxItems ?? Number.POSITIVE_INFINITY) * (1 + bytesOfShape(shape.items ?? {}));
    case 'object': {
      if (shape.additionalProperties !== false) return Number.POSITIVE_INFINITY;
      const fields = Object.entries(shape.properties ?? {});
      return 2 + fields.reduce((sum, [name, field]) => sum + bytesOf(name) + 2 + bytesOfShape(field), 0);
    }
    default:
      return Number.POSITIVE_INFINITY;
  }
}
