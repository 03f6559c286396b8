import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A message as it was decoded: names as in the protocol, absent parts left out. */
// biome-ignore lint/suspicious/noExplicitAny: JSON of many shapes, read field by field
export type Json = any;

export interface Status {
  readonly code: number;
  readonly name: string;
  readonly details?: string;
  readonly trailers: Readonly<Record<string, string>>;
}

/** A request, a response, or the number of responses omitted here. */
export type Frame = { readonly '>': Json } | { readonly '<': Json } | { readonly omitted: number };

export interface Call {
  readonly rpc: string;
  /** the same open call as in the step before */
  readonly continued?: boolean;
  readonly frames: readonly Frame[];
  readonly status?: Status;
}

export interface Step {
  readonly step: string;
  readonly answer?: Json;
  readonly error?: Json;
  readonly before?: readonly Call[];
  readonly wire?: readonly Call[];
}

export interface Scenario {
  readonly scenario: string;
  readonly about: string;
  readonly steps: readonly Step[];
}

/** Every recording in this folder, by name. */
export const recordings: ReadonlyMap<string, Scenario> = new Map(
  readdirSync(import.meta.dirname)
    .filter(file => file.endsWith('.json') && file !== 'biome.json')
    .map(file => [file.replace('.json', ''), JSON.parse(readFileSync(join(import.meta.dirname, file), 'utf8'))]),
);

export const requests = (call: Call): Json[] => call.frames.flatMap(frame => ('>' in frame ? [frame['>']] : []));

/** The responses, with a number in place of omitted ones. */
export const responses = (call: Call): (Json | number)[] =>
  call.frames.flatMap(frame => ('<' in frame ? [frame['<']] : 'omitted' in frame ? [frame.omitted] : []));

/** The number of responses. */
export const countOf = (call: Call): number =>
  responses(call).reduce((sum, response) => sum + (typeof response === 'number' ? response : 1), 0);

export const isSubscription = (call: Call): boolean => requests(call)[0]?.options?.subscription !== undefined;
