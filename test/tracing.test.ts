import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newcomer } from './support/client.ts';
import { type Span, startCollector, type Tree, treeOf } from './support/collector.ts';
import { oneServer } from './support/one-server.ts';

const collector = await startCollector();
const server = await oneServer(collector.env);
const { client, fridgeId, email } = await newcomer(server.url);

/** The spans of a trace once one of this name has arrived: a span arrives after its children. */
async function traced(traceId: string | null, last: string): Promise<readonly Span[]> {
  const ofTrace = () => collector.spans.filter(span => span.traceId === traceId);
  await collector.until(() => ofTrace().some(({ name }) => name === last));
  return ofTrace();
}

const rootOf = (spans: readonly Span[]): Span => spans.find(({ parentSpanId }) => parentSpanId === undefined)!;

test('a request, its actions, its append and the work that it opens are one trace', async () => {
  const reply = await client.post(`/fridges/${fridgeId}/recommendations`, { limit: 1 });
  const spans = await traced(reply.headers.get('trace-id'), 'work rank');
  assert.deepEqual(treeOf(spans, rootOf(spans)), [
    'POST /api/v1/fridges/{fridgeId}/recommendations',
    ['claim rank', ['append']],
    ['recommendations.request', ['append'], ['fridges.stock']],
    ['work rank', ['append'], ['recipes.rank', ['fridges.stock']]],
  ] satisfies Tree);
  assert.deepEqual(
    spans.filter(({ failed }) => failed),
    [],
  );
});

test("the projector's batches link to the requests whose facts they take in", async () => {
  const reply = await client.post(`/fridges/${fridgeId}/ingredients`, { name: '두부' });
  const traceId = reply.headers.get('trace-id')!;
  await collector.until(spans => spans.some(({ name, links }) => name === 'project' && links.includes(traceId)));
  const batch = collector.spans.find(({ links }) => links.includes(traceId))!;
  assert.notEqual(batch.traceId, traceId);
});

test("a caller's trace is continued", async () => {
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const parent = '00f067aa0ba902b7';
  const reply = await client.get('/fridges', { traceparent: `00-${traceId}-${parent}-01` });
  assert.equal(reply.headers.get('trace-id'), traceId);
  const spans = await traced(traceId, 'GET /api/v1/fridges');
  assert.equal(spans.find(({ name }) => name === 'GET /api/v1/fridges')!.parentSpanId, parent);
});

test('a refusal ends its spans, marked as failed by its code, with nothing that was typed', async () => {
  const reply = await client.post('/auth/login', { email, password: 'a very wrong password' });
  assert.equal(reply.status, 401);
  const spans = await traced(reply.headers.get('trace-id'), 'POST /api/v1/auth/login');
  const action = spans.find(({ name }) => name === 'auth.login')!;
  assert.deepEqual([action.failed, action.attributes['error.type']], [true, reply.body.code]);
  const text = JSON.stringify(collector.spans);
  for (const secret of [email, 'a very wrong password', '두부']) assert.ok(!text.includes(secret), secret);
});
