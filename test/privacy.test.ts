import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from './support/client.ts';
import { LOG, ownFile } from './support/event-log.ts';
import { oneServer } from './support/one-server.ts';

const server = await oneServer({ ZIPBOB_LOG: 'debug' });
const visitor = () => new Client(server.url);
const email = 'Very.Secret-Person@privacy.example.org';
const password = 'an unforgettable passphrase';
const nickname = '비밀요리사';
const note = 'under the blue lid, 할머니 것';
const laterNote = 'moved behind the ketchup bottle';

/** What nobody but the member may read, in any way that it may have been written. */
const personal = [email, 'secret-person', password, nickname, note, '할머니', laterNote, 'ketchup'];
function spellings(text: string): Buffer[] {
  const texts = [text, text.toLowerCase(), text.normalize('NFD'), JSON.stringify(text), encodeURIComponent(text)];
  const encoded = [Buffer.from(text).toString('base64').replace(/=+$/, ''), Buffer.from(text).toString('hex')];
  return [...[...texts, ...encoded].map(one => Buffer.from(one)), Buffer.from(text, 'utf16le')];
}

function assertNowhere(words: readonly string[], files: Record<string, Buffer>): void {
  for (const [name, bytes] of Object.entries(files)) {
    for (const word of words) {
      for (const spelling of spellings(word)) assert.ok(!bytes.includes(spelling), `${word} stands in ${name}`);
    }
  }
}
const stores = (): Record<string, Buffer> =>
  Object.fromEntries(readdirSync(server.folder).map(name => [name, readFileSync(join(server.folder, name))]));

const tokens: string[] = [];

test('nothing personal is readable in any file of a running server', ownFile, async () => {
  const client = visitor();
  const registered = await client.post('/auth/register', { email, password, nickname }, { 'Idempotency-Key': email });
  assert.equal(registered.status, 201);
  client.token = registered.body.accessToken;
  tokens.push(client.token!, client.cookie!.split('=')[1]!);
  const mine = await client.get('/fridges', { 'Wait-For-Position': registered.headers.get('position')! });
  const ingredients = `/fridges/${mine.body.items[0].fridgeId}/ingredients`;
  const stored = await client.post(ingredients, { name: 'gochujang', note, amount: 3 });
  const { ingredientId } = stored.body.items[0];
  const corrected = await client.patch(`${ingredients}/${ingredientId}`, { note: laterNote });
  const undone = await client.post(`${ingredients.replace('ingredients', 'undo')}`, {
    actionId: corrected.body.actionId,
  });
  const shown = await client.get(`${ingredients}/${ingredientId}`);
  assert.equal(shown.body.note, note);
  const list = await client.get(ingredients, { 'Wait-For-Position': undone.headers.get('position')! });
  assert.equal(list.body.items[0].note, note);

  const files = stores();
  assert.ok([LOG, `${LOG}-wal`, 'views.db', 'views.db-wal', 'kv.db', 'keys.db'].every(name => name in files));
  const all = Buffer.concat(Object.values(files));
  for (const plain of ['gochujang', 'IngredientStored']) assert.ok(all.includes(plain), `${plain} should be found`);
  assertNowhere([...personal, ...tokens], files);
});

test('nothing personal is said by a server that logs all it can, not even when it refuses', ownFile, async () => {
  const client = visitor();
  for (const wrong of [password.toUpperCase(), `${password} `, '']) {
    assert.equal((await client.post('/auth/login', { email, password: wrong })).status, 401);
  }
  const login = await client.post('/auth/login', { email, password });
  client.token = login.body.accessToken;
  tokens.push(client.token!, client.cookie!.split('=')[1]!);
  const { fridgeId } = (await client.get('/fridges')).body.items[0];
  const ingredients = `/fridges/${fridgeId}/ingredients`;
  const replies = [
    await client.post('/auth/register', { email, password, nickname: 'somebody' }),
    await client.post('/auth/register', { email, password, nickname, more: note }),
    await client.call('POST', '/auth/login', { raw: `{"email":"${email}","password":"${password}"` }),
    await client.post(ingredients, { name: 'x', note: `${note}\u0000` }),
    await client.post(ingredients, { name: 'x', place: 'nowhere', note }),
    await client.post(`${ingredients}/none/consume`, { amount: 1 }),
    await client.get('/members/me', { Authorization: `Bearer ${client.token}x` }),
    await client.get('/members/me', { Authorization: `Bearer ${tokenSaying(email)}` }),
    await client.get(`${ingredients}?cursor=${client.token}`),
  ];
  for (const { status } of replies) assert.ok(status >= 400);
  const answers = replies.map(({ body }) => JSON.stringify(body)).join('\n');
  const spoken = { answers: Buffer.from(answers), 'what it said': Buffer.from(server.output) };
  assertNowhere([...personal, ...tokens], spoken);
});

/** A token of this server's key id, with a text in it that is no JSON. */
function tokenSaying(text: string): string {
  const [header] = tokens[0]!.split('.');
  return `${header}.${Buffer.from(text).toString('base64url')}.AAAA`;
}

test('nothing personal is readable after a clean end, nor after the next start', ownFile, async () => {
  await server.restart('stop');
  assertNowhere([...personal, ...tokens], stores());
  const login = await visitor().post('/auth/login', { email, password });
  assert.deepEqual([login.body.member.email, login.body.member.nickname], [email, nickname]);
});
