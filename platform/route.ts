import { z } from 'zod';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** One call of the HTTP contract as data, for the gateway's routing, the service's action, and OpenAPI. */
export interface Route<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly method: Method;
  /** with `{name}` for the path fields of `input`; the others are in the query or the body */
  readonly path: string;
  readonly summary: string;
  readonly status: number;
  readonly access: 'public' | 'member' | 'operator';
  /** whether an idempotency key makes it idempotent */
  readonly keyed: boolean;
  /** its effect on the session of the refresh cookie */
  readonly session?: 'begins' | 'goes on' | 'ends' | undefined;
  readonly input: I;
  readonly output: O;
}

interface Options<I, O> extends Partial<Pick<Route, 'status' | 'access' | 'keyed' | 'session'>> {
  summary: string;
  input: I;
  output: O;
}

export function route<I extends z.ZodType, O extends z.ZodType>(
  at: `${Method} /${string}`,
  options: Options<I, O>,
): Route<I, O> {
  const [method, path] = at.split(' ') as [Method, string];
  return { method, path, status: 200, access: 'member', keyed: method !== 'GET', ...options };
}

export const pathFields = ({ path }: Pick<Route, 'path'>): string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map(found => found[1]!);

/** An empty answer (204). */
export const nothing = z.undefined();
