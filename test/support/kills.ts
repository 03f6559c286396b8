import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Client, PASSWORD, type Reply } from './client.ts';
import { factsOf, type LoggedFact } from './event-log.ts';
import { seeded } from './seeded.ts';
import { type Running, startZipBob } from './zipbob.ts';

const SWITCH = join(import.meta.dirname, 'kill-switch.mjs');

/** how many commands are under way at the same moment, each on a batch of its own */
const LANES = [0, 1, 2];

interface Answered {
  readonly actionId?: string;
  readonly recommendationId?: string;
}

export interface Sent {
  readonly method: 'POST' | 'PATCH';
  readonly path: string;
  readonly body: object;
  readonly key: string;
  answer?: Pick<Reply, 'status' | 'headers'> & { body: Answered };
}

export interface Household {
  readonly email: string;
  readonly fridgeId: string;
  readonly recipe: { readonly recipeId: string; readonly version: number };
  /** a batch for each lane; `left`: how much of it there must be once all that was ever sent has happened, each once */
  readonly batches: readonly { readonly ingredientId: string; left: number }[];
}

/** Registers somebody on a server that nobody kills, with something to use. */
export async function settle(folder: string): Promise<Household> {
  const server = await startZipBob(folder);
  const client = new Client(server.url);
  const email = 'kills@example.org';
  const reply = await client.post('/auth/register', { email, password: PASSWORD, nickname: 'kills' });
  client.token = reply.body.accessToken;
  const mine = await client.get('/fridges', { 'Wait-For-Position': reply.headers.get('position')! });
  const { fridgeId } = mine.body.items[0];
  const items = LANES.map(lane => ({ name: `재고 ${lane}`, amount: 900_000, unit: 'g' }));
  const stored = await client.post(`/fridges/${fridgeId}/ingredients`, { items });
  const { recipeId, version } = (await client.get('/recipes?limit=1')).body.items[0];
  assert.equal(await server.stop(), 0);
  const batches = stored.body.items.map(({ ingredientId, amount }: { ingredientId: string; amount: number }) => ({
    ingredientId,
    left: amount,
  }));
  return { email, fridgeId, recipe: { recipeId, version }, batches };
}

export const say = (client: Client, { method, path, body, key }: Sent): Promise<Reply> =>
  client.call(method, path, { body, headers: { 'Idempotency-Key': key } });

export async function login(server: Running, { email }: Pick<Household, 'email'>): Promise<Client> {
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
  // Before anything is sent again: what was lost would be done anew, and nobody would know.
  assertKept(factsOf(folder), sent);
  const server = await startZipBob(folder);
  try {
    const client = await login(server, home);
    for (const command of sent) {
      const again = await say(client, command);
      const { answer } = command;
      if (answer) {
        assert.equal(again.status, answer.status, `round ${round}: an acknowledged command is repeated as it was`);
        assert.equal(again.body.actionId, answer.body.actionId);
        assert.equal(again.body.recommendationId, answer.body.recommendationId);
        for (const header of ['position', 'etag']) {
          assert.equal(again.headers.get(header), answer.headers.get(header), `round ${round}: ${header}`);
        }
      } else assert.ok(again.status < 300, `round ${round}: ${again.status} ${again.body.code}`);
    }
    for (const { ingredientId, left } of home.batches) {
      const { amount } = (await client.get(`/fridges/${home.fridgeId}/ingredients/${ingredientId}`)).body;
      assert.equal(amount, left, `round ${round}: all that was sent has happened, and once`);
    }
    await workEnds(client, sent);
  } finally {
    assert.equal(await server.stop(), 0);
  }
  storedOnce(folder, sent);
}

/** The threads die in turn, at their own places: appends and claims in the main one, commits of views in the projector's. */
async function untilKilled(folder: string, home: Household, round: number, random: () => number): Promise<Sent[]> {
  const pick = (count: number) => Math.floor(random() * count);
  const thread = round % 2 === 1 ? 'main' : 'projector';
  const at = 1 + pick(250);
  const server = await startZipBob(folder, {
    NODE_OPTIONS: `--import ${SWITCH}`,
    KILL_AT: String(at),
    KILL_IN: thread,
  }).catch(() => undefined);
  if (!server) return []; // it died while it started, which is a round too
  const sent: Sent[] = [];
  try {
    const client = await login(server, home);
    for (let number = 0; number < 2000; number++) {
      if (random() < 0.7) await Promise.all(LANES.map(lane => act(lane)));
      else await actAndUndo(pick(LANES.length));
    }

    function act(lane: number): Promise<Answered> {
      const kind = random();
      if (kind < 0.15) return send('/recommendations', { limit: 1 });
      if (kind < 0.4) return send('/ingredients', { name: `두부 ${round}-${sent.length}`, amount: 1, unit: '모' });
      return use(lane);
    }

    function use(lane: number): Promise<Answered> {
      const batch = home.batches[lane]!;
      const { ingredientId } = batch;
      const path = `/ingredients/${ingredientId}`;
      const kind = pick(4);
      const amount = kind === 0 ? 400_000 + pick(400_000) : 1 + pick(100);
      batch.left = kind === 0 ? amount : batch.left - amount;
      if (kind === 0) return send(path, { amount }, 'PATCH');
      if (kind === 1) return send(`${path}/consume`, { amount });
      if (kind === 2) return send(`${path}/discard`, { amount, reason: 'spoiled' });
      return send('/cookings', { ...home.recipe, servings: 2, deductions: [{ ingredientId, amount }] });
    }

    /** With nothing else under way: only the last action can be undone. */
    async function actAndUndo(lane: number): Promise<void> {
      const batch = home.batches[lane]!;
      const before = batch.left;
      const done = await use(lane);
      const after = batch.left;
      batch.left = before;
      const undone = await send('/undo', { actionId: done.actionId });
      if (random() < 0.5) return;
      batch.left = after;
      await send('/undo', { actionId: undone.actionId });
    }

    async function send(path: string, body: object, method: Sent['method'] = 'POST'): Promise<Answered> {
      const key = `${round}-${sent.length}`;
      const command: Sent = { method, path: `/fridges/${home.fridgeId}${path}`, body, key };
      sent.push(command);
      const reply = await say(client, command);
      command.answer = reply;
      assert.ok(reply.status < 300, `round ${round}: ${reply.status} ${reply.body.code}`);
      return reply.body;
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
  for (const command of sent) {
    if (!command.path.endsWith('recommendations')) continue;
    const { recommendationId } = (await say(client, command)).body;
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

/** Looks into the log itself: all that was acknowledged is there. */
export function assertKept(facts: readonly LoggedFact[], sent: readonly Sent[]): void {
  const actions = new Set(facts.map(({ meta }) => meta.commandId));
  const requests = facts.filter(({ type }) => type === 'RecommendationRequested');
  const recommendations = new Set(requests.map(({ data }) => data.recommendationId));
  for (const { method, path, key, answer } of sent) {
    if (!answer) continue;
    const { actionId, recommendationId } = answer.body;
    const isKept = actionId === undefined ? recommendations.has(recommendationId) : actions.has(actionId);
    assert.ok(isKept, `${method} ${path} was acknowledged, but the log does not have it (${key})`);
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
