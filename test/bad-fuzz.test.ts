import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { Client, newcomer, type Reply } from './support/client.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';

const server = await oneServer();
const { client, fridgeId } = await newcomer(server.url);
const operator = new Client(server.url);
operator.token = JSON.parse(readFileSync(join(server.folder, 'server.json'), 'utf8')).token;
const ingredients = `/fridges/${fridgeId}/ingredients`;
const { ingredientId } = (await client.post(ingredients, { name: 'thing', amount: 1000 })).body.items[0];
const seeded = { seed: 20_260_102, numRuns: 200 };

interface Operation {
  requestBody?: { content: Record<string, { schema: { properties: object } }> };
}
const { paths } = (await (await fetch(`${server.url}/openapi.json`)).json()) as {
  paths: Record<string, Record<string, Operation>>;
};
const commands = Object.entries(paths).flatMap(([path, operations]) =>
  Object.entries(operations).flatMap(([method, operation]) => (method === 'get' ? [] : [{ method, path, operation }])),
);
const names = commands.flatMap(({ operation: { requestBody } }) =>
  Object.keys(requestBody?.content['application/json']?.schema.properties ?? {}),
);
const fields = [...new Set([...names, '__proto__', 'toString', 'occurredAt', 'title', 'lines', 'steps'])];
const almost = fc.oneof(
  fc.constantFrom<unknown>(
    'milk',
    'g',
    'freezer',
    'use_by',
    'spoiled',
    '2026-02-28',
    '2026-02-28T10:00:00+09:00',
    null,
  ),
  fc.constantFrom<unknown>(
    0,
    -1,
    1,
    2,
    1e-7,
    1e6,
    1e21,
    0.1,
    '',
    ' ',
    '\u0000',
    'ko',
    '김치',
    [],
    {},
    'x'.repeat(5000),
  ),
  fc.constant<unknown>(ingredientId),
  fc.double(),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.jsonValue({ maxDepth: 3 }),
);
/** Objects of known fields with values that may or may not be valid, sometimes with lists of such objects. */
const object = fc.dictionary(fc.constantFrom(...fields), almost, { maxKeys: 6 });
const lists = fc.constantFrom('items', 'deductions', 'recipes', 'leftovers', 'ingredients');
const nested = fc.tuple(object, lists, fc.array(object, { maxLength: 4 }));
const body = fc.oneof(
  { weight: 5, arbitrary: object },
  { weight: 3, arbitrary: nested.map(([outer, list, inner]) => ({ ...outer, [list]: inner })) },
  { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 4 }) },
);
const calls = commands
  .filter(({ path }) => !path.includes('/auth/'))
  .map(({ method, path }) => ({
    by: path.includes('/ops/') ? operator : client,
    method: method.toUpperCase(),
    address: path
      .replace('{fridgeId}', fridgeId)
      .replace('{ingredientId}', ingredientId)
      .replaceAll(/\{\w+\}/g, 'any'),
  }));

/** Asserts that the command was either done or refused with a problem document. */
function assertSound(reply: Reply): void {
  assert.ok(reply.status < 500, `${reply.status} ${JSON.stringify(reply.body)}`);
  if (reply.status < 300) return;
  const { type: _, title: __, status: ___, detail: ____, code, traceId: _____, errors, ...also } = reply.body;
  const paths = errors?.map(({ path }: { path: string }) => path);
  assertProblem(reply, reply.status, code, { also, ...(errors && { paths: [...new Set<string>(paths)] }) });
}

test('any body is either carried out or refused, never an internal error', async () => {
  assert.ok(calls.length >= 5);
  const property = fc.asyncProperty(fc.constantFrom(...calls), body, async ({ by, method, address }, value) => {
    assertSound(await by.call(method, address, { raw: JSON.stringify(value) }));
  });
  await fc.assert(property, { ...seeded, numRuns: 300 });
  assert.equal((await client.get(`${ingredients}/${ingredientId}`)).status, 200);
});

test('any body of a stranger is refused on register, log in, refresh and log out', async () => {
  const visitor = new Client(server.url);
  const call = fc.constantFrom('/auth/register', '/auth/login', '/auth/refresh', '/auth/logout');
  const property = fc.asyncProperty(call, body, async (address, value) => {
    const reply = await visitor.call('POST', address, { raw: JSON.stringify(value) });
    assertSound(reply);
    assert.ok(reply.status >= 400);
  });
  await fc.assert(property, { ...seeded, numRuns: 100 });
});

test('a read answers whatever its address or headers contain', async () => {
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ maxLength: 60 }));
  const wellFormed = text.filter(value => value.isWellFormed());
  const filter = fc.constantFrom('limit', 'cursor', 'sort', 'search', 'status', 'place', 'food', 'x');
  const latin = fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map(value => value.trim());
  const header = fc.constantFrom(
    'If-Match',
    'If-None-Match',
    'Wait-For-Position',
    'traceparent',
    'Cookie',
    'Accept-Language',
  );
  const property = fc.asyncProperty(
    wellFormed,
    filter,
    wellFormed,
    header,
    latin,
    async (id, name, value, key, given) => {
      const query = new URLSearchParams({ [name]: value });
      assertSound(await client.get(`${ingredients}?${query}`, { [key]: given }));
      if (id !== '' && id !== '.' && id !== '..')
        assertSound(await client.get(`${ingredients}/${encodeURIComponent(id)}`));
    },
  );
  await fc.assert(property, seeded);
});
