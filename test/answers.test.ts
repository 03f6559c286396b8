import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Client, newcomer, PASSWORD } from './support/client.ts';
import { factsOf } from './support/event-log.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem, withoutTrace } from './support/problems.ts';

const server = await oneServer();
const { client, fridgeId, email } = await newcomer(server.url);
const ingredients = `/fridges/${fridgeId}/ingredients`;

// biome-ignore lint/suspicious/noExplicitAny: a JSON schema
type Schema = any;
interface Operation {
  operationId: string;
  parameters: { name: string; in: string; required?: boolean }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, unknown>;
}
interface OpenApi {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
}
const document = (await (await fetch(`${server.url}/openapi.json`)).json()) as OpenApi;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
);

/** The smallest value that a schema accepts. */
function sample(schema: Schema): unknown {
  if (schema.enum) return schema.enum[0];
  const one = (schema.anyOf ?? schema.oneOf ?? schema.allOf)?.[0];
  if (one) return sample(one);
  if (schema.type === 'object') {
    const needed: string[] = schema.required ?? [];
    return Object.fromEntries(needed.map(name => [name, sample(schema.properties[name])]));
  }
  if (schema.type === 'array') return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items));
  if (schema.type === 'number' || schema.type === 'integer') return Math.max(1, schema.minimum ?? 1);
  return schema.type === 'boolean' ? true : 'x';
}

/** Bodies for the calls whose schema cannot state every condition. */
const bodies: Record<string, object> = { 'fridges.store': { name: 'x' } };
const bodyOf = ({ operationId, requestBody }: Operation): unknown =>
  bodies[operationId] ?? (requestBody && sample(requestBody.content['application/json']!.schema));

test('the contract is published as OpenAPI 3.1, with all of its calls', () => {
  assert.equal(document.openapi, '3.1.0');
  const calls = operations.map(({ method, path }) => `${method} ${path.replace('/api/v1', '')}`);
  const promised = [
    'POST /auth/register',
    'POST /auth/login',
    'POST /auth/refresh',
    'POST /auth/logout',
    'GET /members/me',
    'GET /fridges',
    'GET /fridges/{fridgeId}',
    'POST /fridges/{fridgeId}/undo',
    ...['GET', 'POST'].map(method => `${method} /fridges/{fridgeId}/ingredients`),
    ...['GET', 'PATCH'].map(method => `${method} /fridges/{fridgeId}/ingredients/{ingredientId}`),
    ...['consume', 'discard'].map(what => `POST /fridges/{fridgeId}/ingredients/{ingredientId}/${what}`),
  ];
  assert.deepEqual(new Set([...calls, ...promised]), new Set(calls));
  assert.equal(new Set(operations.map(({ operation }) => operation.operationId)).size, operations.length);
});

test('every call answers 404 for the fridge of another family', async () => {
  const owner = await newcomer(server.url);
  const theirs = await owner.client.post(`/fridges/${owner.fridgeId}/ingredients`, { name: 'secret', amount: 2 });
  const { ingredientId } = theirs.body.items[0];
  const calls = operations.filter(({ path }) => path.includes('{fridgeId}'));
  assert.ok(calls.length >= 8);
  for (const { method, path, operation } of calls) {
    const at = (fridge: string) =>
      path
        .replace('{fridgeId}', fridge)
        .replace('{ingredientId}', ingredientId)
        .replaceAll(/\{\w+\}/g, randomUUID());
    const body = method === 'GET' ? {} : { body: bodyOf(operation) };
    for (const fridge of [owner.fridgeId, randomUUID()]) {
      const reply = await client.call(method, at(fridge), body);
      assert.equal(`${method} ${path} ${reply.status}`, `${method} ${path} 404`);
      assertProblem(reply, 404, 'fridge-not-found');
      const missing = await client.call(method, at('no-such-fridge'), body);
      assert.deepEqual(withoutTrace(reply), withoutTrace(missing), 'a foreign fridge and a missing one look the same');
    }
  }
  const seen = await owner.client.get(`/fridges/${owner.fridgeId}/ingredients`);
  assert.deepEqual(seen.body.items, theirs.body.items);
});

test("an ingredient of another family is not found through one's own fridge", async () => {
  const owner = await newcomer(server.url);
  const theirs = await owner.client.post(`/fridges/${owner.fridgeId}/ingredients`, { name: 'secret' });
  const { actionId, items } = theirs.body;
  const path = `${ingredients}/${items[0].ingredientId}`;
  assertProblem(await client.get(path), 404, 'ingredient-not-found');
  assertProblem(await client.patch(path, { amount: 3 }), 404, 'ingredient-not-found');
  assertProblem(await client.post(`${path}/consume`), 404, 'ingredient-not-found');
  assertProblem(await client.post(`${path}/discard`, { reason: 'other' }), 404, 'ingredient-not-found');
  assertProblem(await client.post(`/fridges/${fridgeId}/undo`, { actionId }), 409, 'not-last-action');
});

test('every answer carries a Trace-Id of its own', async () => {
  const stored = await client.post(ingredients, { name: 'x' });
  const replies = [
    stored,
    ...['/livez', '/readyz', '/openapi.json', '/', '/nowhere'].map(path => fetch(server.url + path)),
    client.get(ingredients),
    client.get('/nowhere'),
    client.call('POST', ingredients, { raw: '{' }),
    client.post(ingredients, {}),
    client.patch(`${ingredients}/${stored.body.items[0].ingredientId}`, { amount: 9 }),
    new Client(server.url).get('/fridges'),
    new Client(server.url).post('/auth/login', { email, password: 'wrong' }),
    (await newcomer(server.url)).client.post('/auth/logout'),
  ];
  const traces = (await Promise.all(replies)).map(({ headers }) => headers.get('trace-id') ?? 'none');
  for (const trace of traces) assert.match(trace, /^(?!0{32})[0-9a-f]{32}$/);
  assert.equal(new Set(traces).size, traces.length);
});

test('a W3C trace context of the client is continued in answers, errors and facts', async () => {
  const trace = randomUUID().replaceAll('-', '');
  const headers = { traceparent: `00-${trace}-00f067aa0ba902b7-01` };
  const stored = await client.post(ingredients, { name: 'traced' }, headers);
  assert.equal(stored.headers.get('trace-id'), trace);
  const refused = await client.get('/fridges/none', headers);
  assertProblem(refused, 404, 'fridge-not-found');
  assert.equal(refused.body.traceId, trace);
  const facts = factsOf(server.folder).filter(({ meta }) => JSON.stringify(meta).includes(trace));
  assert.equal(facts.length, 1);
  assert.equal(facts[0]!.meta.traceparent, headers.traceparent);
});

test('an invalid trace context is not continued', async () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736';
  const wrong = [
    '',
    'x',
    trace,
    `00-${trace}`,
    `00-${trace}-00f067aa0ba902b7`,
    `ff-${trace}-00f067aa0ba902b7-01`,
    `00-${trace.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${trace}-00f067aa0ba902b7-01, 00-${trace}-00f067aa0ba902b7-01`,
    `00-${trace}-00f067aa0ba902b7-01'; DROP TABLE facts; --`,
  ];
  for (const traceparent of wrong) {
    const answered = (await client.get('/fridges', { traceparent })).headers.get('trace-id')!;
    assert.match(answered, /^(?!0{32})[0-9a-f]{32}$/);
    assert.notEqual(answered, trace);
  }
});

test('D-33: an error is a problem document with its own status', async () => {
  const visitor = new Client(server.url);
  assertProblem(await client.get('/nowhere'), 404, 'not-found');
  assertProblem(await client.call('GET', '/api/v2/fridges'), 404, 'not-found');
  assertProblem(await visitor.get('/fridges'), 401, 'unauthenticated');
  assertProblem(await visitor.post('/auth/login', { email, password: `${PASSWORD}?` }), 401, 'invalid-credentials');
  assertProblem(await client.call('POST', ingredients, { raw: '{"name"' }), 400, 'malformed-json');
  assertProblem(await client.post(ingredients, { nam: 'x' }), 422, 'invalid', { paths: ['nam', 'name'] });
  assertProblem(await client.post(`/fridges/${fridgeId}/undo`, { actionId: 'x' }), 409, 'not-last-action');
});

test('answers forbid caching, content sniffing and framing', async () => {
  for (const reply of [await client.get(ingredients), await client.get('/nowhere')]) {
    assert.equal(reply.headers.get('x-content-type-options'), 'nosniff');
    assert.match(reply.headers.get('content-security-policy') ?? '', /frame-ancestors 'self'/);
    assert.equal(reply.headers.get('x-powered-by'), null);
  }
  assert.equal((await client.get(ingredients)).headers.get('cache-control'), 'no-store');
});
