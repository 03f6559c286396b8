import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Client, newcomer, PASSWORD } from './support/client.ts';
import { factsOf, type LoggedFact } from './support/event-log.ts';
import { oneServer } from './support/one-server.ts';
import { plant } from './support/planting.ts';

const server = await oneServer();

const newTrace = () => `00-${randomUUID().replaceAll('-', '')}-00f067aa0ba902b7-01`;
const traced = (traceparent: string) => factsOf(server.folder).filter(({ meta }) => meta.traceparent === traceparent);
const types = (facts: readonly LoggedFact[]) => facts.map(({ type }) => type);
const only = <T>(values: readonly T[]): T => {
  const [first] = values;
  assert.deepEqual([...new Set(values)], [first]);
  return first!;
};

/** Each is caused by a command of the same affair, and in the end by the first. */
function assertChain(facts: readonly LoggedFact[], first: unknown): void {
  assert.equal(only(facts.map(({ meta }) => meta.correlationId)), first);
  const causes = new Map(facts.map(({ meta }) => [meta.commandId, meta.causationId]));
  for (const { type, meta } of facts) {
    let cause = meta.commandId;
    for (let steps = 0; cause !== first && steps < facts.length; steps++) cause = causes.get(cause);
    assert.equal(cause, first, `${type} goes back to what was asked`);
  }
}

async function register(client: Client, traceparent: string, email: string, nickname: string): Promise<string> {
  const reply = await client.post('/auth/register', { email, nickname, password: PASSWORD }, { traceparent });
  assert.equal(reply.status, 201);
  return reply.body.member.memberId;
}

test('all facts of a recommendation go back to the request, one caused by the other', async () => {
  const { client, fridgeId } = await newcomer(server.url);
  const traceparent = newTrace();
  const reply = await client.post(`/fridges/${fridgeId}/recommendations`, { limit: 1 }, { traceparent });
  const path = `/recommendations/${reply.body.recommendationId}`;
  while ((await client.get(path)).body.status === 'requested');
  const facts = traced(traceparent);
  assert.deepEqual(types(facts), ['RecommendationRequested', 'WorkClaimed', 'RecipesRanked']);
  const [request, claim, answer] = facts.map(({ meta }) => meta);
  assertChain(facts, request!.commandId);
  assert.deepEqual(
    [request!.causationId, claim!.causationId, answer!.causationId],
    [request!.commandId, request!.commandId, claim!.commandId],
  );
});

test('all facts of a registration go back to it, with who came and the trace', async () => {
  const traceparent = newTrace();
  const name = randomUUID().slice(0, 8);
  const memberId = await register(new Client(server.url), traceparent, `${name}@example.org`, name);
  const facts = traced(traceparent);
  assert.deepEqual(types(facts), ['Reserved', 'Reserved', 'FridgeOpened', 'MemberRegistered']);
  assertChain(facts, facts.at(-1)!.meta.commandId);
  assert.equal(only(facts.map(({ meta }) => meta.actor)), memberId);
});

test('so does what becomes of a reservation that it takes over', async () => {
  const name = randomUUID().slice(0, 8);
  const [first, traceparent] = [newTrace(), newTrace()];
  const email = `${name}@example.org`;
  await register(new Client(server.url), first, email, name);
  // As if somebody else had reserved the address long ago and never come back.
  const { stream } = traced(first).find(fact => fact.stream.startsWith('email-'))!;
  await plant(server.folder, stream, { data: { memberId: 'gone' }, meta: { at: '2026-01-01T00:00:00.000Z' } });
  const memberId = await register(new Client(server.url), traceparent, email, `${name}2`);
  const facts = traced(traceparent);
  assert.deepEqual(types(facts), ['Reserved', 'ReservationLapsed', 'Reserved', 'FridgeOpened', 'MemberRegistered']);
  assertChain(facts, facts.at(-1)!.meta.commandId);
  assert.equal(only(facts.map(({ meta }) => meta.actor)), memberId);
});
