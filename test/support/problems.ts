import assert from 'node:assert/strict';
import type { Reply } from './client.ts';

const MEMBERS = ['type', 'title', 'status', 'detail', 'code', 'traceId'];
/** Details that must never leak to clients: stacks, files, SQL, names of our dependencies. */
const INSIDE =
  /^\s+at .+:\d+|node_modules|node:|file:\/\/|\/(work|tmp|home|usr|root)\/|\.[tj]s\b|sqlite|select |insert |moleculer|zod/im;

interface Expected {
  /** exactly these fields are named, in any order */
  paths?: readonly string[];
  /** exactly these members besides those of every problem document */
  also?: Readonly<Record<string, unknown>>;
}

/** Asserts that a reply is a problem document of the contract and leaks no internals. */
export function assertProblem(reply: Reply, status: number, code: string, { paths, also = {} }: Expected = {}): void {
  const { body, headers } = reply;
  assert.equal(`${reply.status} ${body.code}`, `${status} ${code}`, JSON.stringify(body).slice(0, 500));
  assert.equal(headers.get('content-type'), 'application/problem+json; charset=utf-8');
  assert.equal(headers.get('cache-control'), 'no-store');
  const expected = [
    ...MEMBERS,
    ...Object.keys(also),
    ...((status === 422 || paths) && 'errors' in body ? ['errors'] : []),
  ];
  assert.deepEqual(Object.keys(body).sort(), expected.sort());
  assert.equal(body.status, status);
  for (const member of ['type', 'title', 'detail']) assert.match(body[member], /\S/);
  assert.match(body.traceId, /^[0-9a-f]{32}$/);
  assert.equal(headers.get('trace-id'), body.traceId);
  for (const [name, value] of Object.entries(also)) assert.deepEqual(body[name], value);
  if (paths) assert.deepEqual([...new Set(body.errors.map(pathOf))].sort(), [...paths].sort());
  for (const error of body.errors ?? []) assert.deepEqual(Object.keys(error).sort(), ['message', 'path']);
  if (status === 401) assert.match(headers.get('www-authenticate') ?? '', /^Bearer/);
  if (status === 503 || status === 429) assert.match(headers.get('retry-after') ?? '', /^\d+$/);
  assert.doesNotMatch(JSON.stringify(body), INSIDE);
}

const pathOf = ({ path }: { path: string }) => path;

/** The same answer without its trace. */
export const withoutTrace = ({ status, body }: Reply): unknown => ({ status, ...body, traceId: undefined });
