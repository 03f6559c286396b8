import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newcomer, PASSWORD, type Reply } from './support/client.ts';
import { oneServer } from './support/one-server.ts';

const server = await oneServer();
const { client, fridgeId, email } = await newcomer(server.url);

// biome-ignore lint/suspicious/noExplicitAny: it is checked by the tests themselves
const { paths } = (await (await fetch(`${server.url}/openapi.json`)).json()) as any;
const ONE = '/fridges/{fridgeId}/ingredients/{ingredientId}';
const LIST = '/fridges/{fridgeId}/ingredients';

const operation = (method: string, path: string) => paths[`/api/v1${path}`][method.toLowerCase()];
const parametersOf = (method: string, path: string, place: string): Record<string, object> =>
  Object.fromEntries(
    operation(method, path)
      .parameters.filter((parameter: { in: string }) => parameter.in === place)
      .map(({ name, required, schema }: { name: string; required?: boolean; schema: object }) => [
        name,
        { required, schema },
      ]),
  );
const bodyOf = (method: string, path: string) => {
  const { required, content } = operation(method, path).requestBody;
  const { properties: fields, description } = content['application/json'].schema;
  return { required, fields, description };
};

test('the document states the bounds of what goes in', () => {
  const query = parametersOf('GET', LIST, 'query');
  const limit = { type: 'integer', minimum: 1, maximum: 100, default: 50 };
  assert.deepEqual(query.limit, { required: false, schema: limit });
  const id = { type: 'string', minLength: 1, maxLength: 100 };
  assert.deepEqual(parametersOf('GET', LIST, 'path'), { fridgeId: { required: true, schema: id } });
  const { name, dueDate, openedAt, items } = bodyOf('POST', LIST).fields;
  const refused = 'refused with: is not a date (yyyy-mm-dd); is not between 2000 and 2199';
  assert.deepEqual(dueDate.anyOf, [{ type: 'string', format: 'date', description: refused }, { type: 'null' }]);
  assert.match(name.description, /; has more than 200 characters$/);
  const reasons = name.description.replace('refused with: ', '').split('; ');
  assert.deepEqual(reasons, [...new Set(reasons)]);
  assert.equal(openedAt.format, 'date-time');
  assert.deepEqual([items.minItems, items.maxItems, items.items.additionalProperties], [1, 200, false]);
  const alone = 'refused with: name is missing; items stands beside the fields of a single item';
  assert.equal(bodyOf('POST', LIST).description, alone);
});

test('the document says which calls need a body: those that are refused without one', async () => {
  const stored = await client.post(`/fridges/${fridgeId}/ingredients`, { name: 'x' });
  const { ingredientId } = stored.body.items[0];
  const filled = (path: string) => path.replace('{fridgeId}', fridgeId).replace('{ingredientId}', ingredientId);
  for (const [method, path] of [
    ['POST', LIST],
    ['PATCH', ONE],
    ['POST', `${ONE}/discard`],
    ['POST', '/fridges/{fridgeId}/undo'],
    ['POST', '/fridges/{fridgeId}/cookings'],
    ['POST', '/fridges/{fridgeId}/recommendations'],
    ['POST', '/auth/login'],
    ['POST', `${ONE}/consume`],
  ] as const) {
    const refused = (await client.call(method, filled(path))).status === 422;
    assert.deepEqual([path, bodyOf(method, path).required], [path, refused]);
  }
});

test('If-Match is said of the commands that look at it', () => {
  const taking = Object.entries<Record<string, object>>(paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter(method => 'If-Match' in parametersOf(method, path.replace('/api/v1', ''), 'header'))
      .map(method => `${method} ${path.replace('/api/v1', '')}`),
  );
  assert.deepEqual(taking.sort(), [`patch ${ONE}`, `post ${ONE}/consume`, `post ${ONE}/discard`]);
});

test('an idempotency key is said of the commands that it makes happen once', () => {
  const commands = Object.entries<Record<string, object>>(paths).flatMap(([path, methods]) =>
    Object.keys(methods)
      .filter(method => method !== 'get')
      .map(method => [method, path.replace('/api/v1', '')] as const),
  );
  const without = commands.filter(([method, path]) => !('Idempotency-Key' in parametersOf(method, path, 'header')));
  assert.deepEqual(without.map(([, path]) => path).sort(), [
    '/auth/login',
    '/auth/logout',
    '/auth/refresh',
    '/fridges/{fridgeId}/cookings/draft',
    '/ops/recipes',
  ]);
});

test('the refresh cookie is told of where it is set and where it is needed', () => {
  const cookie = { zipbob_refresh: { required: true, schema: { type: 'string' } } };
  assert.deepEqual(parametersOf('POST', '/auth/refresh', 'cookie'), cookie);
  for (const [call, status] of [
    ['register', 201],
    ['login', 200],
    ['refresh', 200],
    ['logout', 204],
  ] as const) {
    const { headers } = operation('POST', `/auth/${call}`).responses[status];
    assert.match(headers['Set-Cookie'].description, /^zipbob_refresh: /);
  }
});

test('the headers of an answer are those that the document tells of', async () => {
  const at = { list: `/fridges/${fridgeId}/ingredients`, login: { email, password: PASSWORD } };
  const stored = await client.post(at.list, { name: 'x', amount: 5 });
  const one = `${at.list}/${stored.body.items[0].ingredientId}`;
  const discarded = await client.post(`${one}/discard`, { amount: 1, reason: 'other' });
  const undo = { actionId: discarded.body.actionId };
  const registered = { email: 'header@example.org', password: PASSWORD, nickname: 'header' };
  const replies: [method: string, path: string, reply: Reply][] = [
    ['POST', LIST, stored],
    ['POST', `${ONE}/discard`, discarded],
    ['POST', '/fridges/{fridgeId}/undo', await client.post(`/fridges/${fridgeId}/undo`, undo)],
    ['POST', `${ONE}/consume`, await client.post(`${one}/consume`, { amount: 1 })],
    ['PATCH', ONE, await client.patch(one, { name: 'y' })],
    ['GET', ONE, await client.get(one)],
    ['GET', LIST, await client.get(at.list)],
    ['GET', '/members/me', await client.get('/members/me')],
    ['POST', '/fridges/{fridgeId}/recommendations', await client.post(`/fridges/${fridgeId}/recommendations`, {})],
    ['POST', '/auth/register', await client.post('/auth/register', registered)],
  ];
  for (const [method, path, { status, headers }] of replies) {
    const names = Object.keys(operation(method, path).responses[status].headers);
    const sent = ['Trace-Id', 'Position', 'ETag', 'Set-Cookie', 'Location'].filter(name => headers.has(name));
    assert.deepEqual([method, path, ...names], [method, path, ...sent]);
  }
});
