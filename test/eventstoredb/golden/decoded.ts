import type { Json } from './recorded.ts';

/** Fields of bytes, which the generated code shows as base64. */
const TEXT = new Set(['streamName']);
const BYTES = new Set(['data', 'customMetadata']);

/** A message in the notation of the recordings: maps as objects, lists by their name, bytes as text where they are text. */
export function decoded(message: { toObject(): unknown }): Json {
  return shown(message.toObject());
}

function shown(value: Json): Json {
  if (Array.isArray(value)) return value.map(shown);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, part]: [string, Json]): [string, Json][] => {
      if (part === undefined) return [];
      if (TEXT.has(name)) return [[name, Buffer.from(part, 'base64').toString()]];
      if (BYTES.has(name)) return [[name, bytes(Buffer.from(part, 'base64'))]];
      if (name.endsWith('Map')) return [[name.slice(0, -'Map'.length), Object.fromEntries(part)]];
      if (name.endsWith('List')) return part.length === 0 ? [] : [[name.slice(0, -'List'.length), shown(part)]];
      return [[name, shown(part)]];
    }),
  );
}

/** The recordings show large values by their size. */
const LARGE = 1000;

function bytes(raw: Buffer): Json {
  if (raw.length > LARGE) return { bytes: raw.length };
  const text = raw.toString();
  return Buffer.from(text).equals(raw) && !text.includes('\0') ? { utf8: text } : { base64: raw.toString('base64') };
}
