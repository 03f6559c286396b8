import { z } from 'zod';

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

/** One call of the HTTP contract, as data: the gateway routes by it, the service answers it, OpenAPI shows it. */
export interface Route<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly method: Method;
  /** with `{name}` for the fields of `input` that stand in the path; the others are the query or the body */
  readonly path: string;
  readonly summary: string;
  readonly status: number;
  readonly access: 'public' | 'member' | 'operator';
  /** whether an idempotency key makes it happen once */
  readonly keyed: boolean;
  /** what it does to the session that the refresh cookie stands for */
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

/** Nothing at all comes back (204). */
export const nothing = z.undefined();
