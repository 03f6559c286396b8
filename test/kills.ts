import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Client, PASSWORD } from './client.ts';
import { factsOf } from './event-log.ts';
import { seeded } from './seeded.ts';
import { type Running, startZipBob } from './zipbob.ts';

const SWITCH = join(import.meta.dirname, 'kill-switch.mjs');

interface Sent {
  readonly path: string;
  readonly body: object;
  readonly key: string;
  answer?: { status: number; body: { actionId?: string; recommendationId?: string } };
}

export interface Household {
  readonly email: string;
  readonly fridgeId: string;
}

/** Registers somebody on a server that nobody kills. */
export async function settle(folder: string): Promise<Household> {
  const server = await startZipBob(folder);
  const client = new Client(server.url);
  const email = 'kills@example.org';
  const reply = await client.post('/auth/register', { email, password: PASSWORD, nickname: 'kills' });
  client.token = reply.body.accessToken;
  const mine = await client.get('/fridges', { 'Wait-For-Position': reply.headers.get('position')! });
  assert.equal(await server.stop(), 0);
  return { email, fridgeId: mine.body.items[0].fridgeId };
}

async function login(server: Running, { email }: Household): Promise<Client> {
  const client = new Client(server.url);
  client.token = (await client.post('/auth/login', { email, password: PASSWORD })).body.accessToken;
  return client;
}

/**
 * One round: a server that will be killed at a random place inside an append or a commit is sent commands until it
 * dies; then a sound one is started on what it left. Nothing that was acknowledged may be lost, nothing that is sent
 * again may happen twice, and all work that was asked for must end, once.
 */
export async function killAndRecover(folder: string, home: Household, round: number): Promise<void> {
  const random = seeded(round);
  const sent = await untilKilled(folder, home, round, random);
  const server = await startZipBob(folder);
  try {
    const client = await login(server, home);
    for (const command of sent) {
      const again = await client.post(command.path, command.body, { 'Idempotency-Key': command.key });
      const { answer } = command;
      if (answer) {
        assert.equal(again.status, answer.status, `round ${round}: an acknowledged command is repeated as it was`);
        assert.equal(again.body.actionId, answer.body.actionId);
        assert.equal(again.body.recommendationId, answer.body.recommendationId);
      } else assert.ok([201, 202].includes(again.status), `round ${round}: ${again.status} ${again.body.code}`);
    }
    await workEnds(client, sent);
  } finally {
    assert.equal(await server.stop(), 0);
  }
  storedOnce(folder, sent);
}

/** The threads die at their own places: appends and claims in the main one, commits of views in the projector's. */
async function untilKilled(folder: string, home: Household, round: number, random: () => number): Promise<Sent[]> {
  const thread = random() < 0.6 ? 'main' : 'projector';
  const at = 1 + Math.floor(random() * 120);
  const server = await startZipBob(folder, {
    NODE_OPTIONS: `--import ${SWITCH}`,
    KILL_AT: String(at),
    KILL_IN: thread,
  }).catch(() => undefined);
  if (!server) return []; // it died while it started, which is a round too
  const sent: Sent[] = [];
  try {
    const client = await login(server, home);
    for (let number = 0; number < 2000; number++) await Promise.all([0, 1, 2].map(() => send()));

    async function send(): Promise<void> {
      const key = `${round}-${sent.length}`;
      const asks = random() < 0.2;
      const path = `/fridges/${home.fridgeId}/${asks ? 'recommendations' : 'ingredients'}`;
      const command: Sent = { path, key, body: asks ? { limit: 1 } : { name: `두부 ${key}`, amount: 1, unit: '모' } };
      sent.push(command);
      const { status, body } = await client.post(path, command.body, { 'Idempotency-Key': key });
      command.answer = { status, body };
      assert.ok([201, 202].includes(status), `round ${round}: ${status} ${body.code}`);
    }
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    await server.kill(); // the connection broke: it is dead, or it will be
    return sent;
  }
  await server.kill();
  throw new Error(`round ${round}: the server outlived statement ${at} of ${thread}`);
}

async function workEnds(client: Client, sent: readonly Sent[]): Promise<void> {
  for (const { path, body, key } of sent) {
    if (!path.endsWith('recommendations')) continue;
    const { recommendationId } = (await client.post(path, body, { 'Idempotency-Key': key })).body;
    const deadline = performance.now() + 90_000;
    for (;;) {
      const { status } = (await client.get(`/recommendations/${recommendationId}`)).body;
      if (status !== 'requested') {
        assert.equal(status, 'done');
        break;
      }
      assert.ok(performance.now() < deadline, 'the work of a killed server is done by the next one');
    }
  }
}

/** Looks into the log itself: every command has its facts once, every request one answer. */
function storedOnce(folder: string, sent: readonly Sent[]): void {
  const facts = factsOf(folder);
  const names = facts.filter(({ type }) => type === 'IngredientStored').map(({ data }) => data.name);
  for (const { body } of sent) {
    if (!('name' in body)) continue;
    assert.equal(names.filter(name => name === body.name).length, 1, `${body.name} is stored once`);
  }
  const answered = facts.filter(({ type }) => type === 'RecipesRanked').map(({ stream }) => stream);
  assert.deepEqual(answered, [...new Set(answered)], 'no request is answered twice');
}
