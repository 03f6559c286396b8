import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Client, newcomer, PASSWORD, type Reply } from './support/client.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';

const server = await oneServer();

let count = 0;
/** Details not used by any other member. */
const fresh = () => {
  const name = `${Date.now().toString(36)}${count++}`;
  return { email: `new-${name}@example.org`, password: PASSWORD, nickname: `new${name}` };
};
const register = (body: unknown, headers?: Record<string, string>): Promise<Reply> =>
  new Client(server.url).post('/auth/register', body, headers);
const statuses = (replies: readonly Reply[]) => replies.map(({ status }) => status).sort();

/** The fridges of a new member, read after its own registration. */
async function fridgesAfter({ body, headers }: Reply): Promise<Reply> {
  const client = new Client(server.url);
  client.token = body.accessToken;
  return client.get('/fridges', { 'Wait-For-Position': headers.get('position')! });
}

test('registering returns the member, an access token and its lifetime', async () => {
  const details = { ...fresh(), language: 'en' };
  const reply = await register(details);
  assert.equal(reply.status, 201);
  const { member, accessToken, expiresIn, ...rest } = reply.body;
  assert.deepEqual(rest, {});
  assert.ok(expiresIn >= 900);
  const { memberId, ...others } = member;
  const { email, nickname, language } = details;
  assert.deepEqual(others, { email, nickname, language, status: 'active', revision: 0 });
  assert.equal(reply.headers.get('location'), '/api/v1/members/me');
  assert.equal(reply.headers.get('cache-control'), 'no-store');
  const client = new Client(server.url);
  client.token = accessToken;
  const me = await client.get('/members/me');
  assert.equal(me.status, 200);
  assert.deepEqual(me.body, { memberId, ...others });
  assert.equal(me.headers.get('etag'), '"0"');
});

test("a member's language is Korean by default, and a nickname is returned composed (NFC)", async () => {
  const nickname = `요리사${count}`;
  const { body } = await register({ ...fresh(), nickname: `  ${nickname.normalize('NFD')} ` });
  assert.equal(body.member.nickname, nickname);
  assert.equal(body.member.language, 'ko');
});

test('the refresh token is a cookie that scripts cannot read and other sites do not send', async () => {
  const { headers, body } = await register(fresh());
  const [cookie, ...attributes] = headers.getSetCookie()[0]!.split('; ');
  assert.equal(headers.getSetCookie().length, 1);
  const known = attributes.filter(attribute => !attribute.startsWith('Max-Age='));
  assert.deepEqual(known.sort(), ['HttpOnly', 'Path=/api/v1/auth', 'SameSite=Strict']);
  assert.equal(attributes.length, 4);
  const [name, token] = cookie!.split('=') as [string, string];
  assert.equal(name, 'zipbob_refresh');
  assert.ok(token.length >= 40);
  assert.ok(!JSON.stringify(body).includes(token));
});

test('D-24: registering creates a first fridge, visible at once by its position', async () => {
  const reply = await register({ ...fresh(), language: 'en', timeZone: 'America/New_York' });
  const mine = await fridgesAfter(reply);
  assert.equal(mine.status, 200);
  const { fridgeId } = mine.body.items[0];
  const places = ['fridge', 'freezer', 'pantry'].map(place => ({ place, kind: place }));
  const expected = { name: 'Our fridge', timeZone: 'America/New_York', dueSoonDays: 5, places, role: 'owner' };
  assert.deepEqual(mine.body, { items: [{ fridgeId, ...expected }], total: 1 });
});

test('a time zone is stored in its canonical spelling', async () => {
  for (const [timeZone, one] of [
    ['aMERICA/nEW_yORK', 'America/New_York'],
    ['+0900', '+09:00'],
  ]) {
    assert.equal((await fridgesAfter(await register({ ...fresh(), timeZone }))).body.items[0].timeZone, one);
  }
});

test('D-34: an invalid field is refused by its name', async () => {
  const wrong: Record<string, unknown[]> = {
    email: [undefined, null, 5, '', 'nobody', 'a@', '@b.org', 'a b@example.org', `${'a'.repeat(250)}@example.org`],
    password: [undefined, null, 12345678, '', 'seven77', 'x'.repeat(201), `${PASSWORD}\ud83c`],
    nickname: [
      undefined,
      null,
      [],
      '',
      'x',
      '  x  ',
      'x'.repeat(21),
      'two\nlines',
      'be\u0007ll',
      'half\ud800',
      'mina\u202e',
      'mi\u200bna',
      '👩‍👩‍👧‍👦',
    ],
    language: [null, '', 'fr', 'KO', 5],
    timeZone: [null, '', 3, 'Mars/Olympus', '+09:07', `Asia/${'x'.repeat(64)}`],
    role: ['operator'],
    memberId: ['0'],
    constructor: [1],
  };
  for (const [field, values] of Object.entries(wrong)) {
    for (const value of values) {
      const reply = await register({ ...fresh(), [field]: value });
      assertProblem(reply, 422, 'invalid', { paths: [field] });
      assert.deepEqual(reply.headers.getSetCookie(), []);
    }
  }
});

test('all invalid fields are named at once', async () => {
  const reply = await register({ email: 'x', password: 'short', nickname: '', language: 'xx', more: 1 });
  assertProblem(reply, 422, 'invalid', { paths: ['email', 'password', 'nickname', 'language', 'more'] });
});

test('an e-mail counts as used in any spelling', async () => {
  const { email } = await newcomer(server.url);
  for (const same of [email, email.toUpperCase(), `  ${email} `, email.replace('cook', 'Cook')]) {
    assertProblem(await register({ ...fresh(), email: same }), 409, 'email-taken', { paths: ['email'] });
  }
});

test('a nickname counts as used in any spelling', async () => {
  const spellings: Record<string, string[]> = {
    '김 밥': ['김 밥', '김 밥'.normalize('NFD'), '  김 밥 ', '김  밥'],
    'Chef Kim': ['chef kim', 'CHEF KIM', 'Chef   Kim', 'Ｃｈｅｆ Ｋｉｍ'],
    Ångström: ['a\u030angstro\u0308m', 'ÅNGSTRÖM', 'Ång\u200dström'],
  };
  for (const [nickname, variants] of Object.entries(spellings)) {
    assert.equal((await register({ ...fresh(), nickname })).status, 201);
    for (const same of variants)
      assertProblem(await register({ ...fresh(), nickname: same }), 409, 'nickname-taken', { paths: ['nickname'] });
  }
});

test('a refused registration leaves its nickname and its e-mail free', async () => {
  const { email } = await newcomer(server.url);
  const first = fresh();
  assertProblem(await register({ ...first, email }), 409, 'email-taken', { paths: ['email'] });
  const second = await register(first);
  assert.equal(second.status, 201);
  const other = fresh();
  assertProblem(await register({ ...other, nickname: first.nickname }), 409, 'nickname-taken', {
    paths: ['nickname'],
  });
  assert.equal((await register(other)).status, 201);
});

test('a registration repeated under its key returns the same member with the same fridge', async () => {
  const details = fresh();
  const headers = { 'Idempotency-Key': randomUUID() };
  const first = await register(details, headers);
  const again = await register(details, headers);
  assert.equal(again.status, 201);
  assert.deepEqual(again.body.member, first.body.member);
  for (const name of ['location', 'position']) assert.equal(again.headers.get(name), first.headers.get(name));
  assert.deepEqual((await fridgesAfter(again)).body, (await fridgesAfter(first)).body);
  assert.equal((await fridgesAfter(again)).body.total, 1);
});

test('a registration repeated with another body or password gets no tokens', async () => {
  const details = fresh();
  const headers = { 'Idempotency-Key': randomUUID() };
  assert.equal((await register(details, headers)).status, 201);
  const others = [{ nickname: fresh().nickname }, { timeZone: 'UTC' }, { password: `${PASSWORD}!` }];
  for (const other of others) {
    const reply = await register({ ...details, ...other }, headers);
    assertProblem(reply, 422, 'idempotency-key-reused');
    assert.deepEqual(reply.headers.getSetCookie(), []);
  }
});

test('one key used by two strangers makes two members', async () => {
  const headers = { 'Idempotency-Key': randomUUID() };
  const [one, two] = [await register(fresh(), headers), await register(fresh(), headers)];
  assert.deepEqual(statuses([one, two]), [201, 201]);
  assert.notEqual(one.body.member.memberId, two.body.member.memberId);
});

test('D-23: of two concurrent registrations for one nickname exactly one wins', async () => {
  const { nickname } = fresh();
  const rivals = [fresh(), fresh()];
  const replies = await Promise.all(rivals.map(details => register({ ...details, nickname })));
  assert.deepEqual(statuses(replies), [201, 409]);
  assertProblem(replies.find(({ status }) => status === 409)!, 409, 'nickname-taken', { paths: ['nickname'] });
  const loser = rivals[replies.findIndex(({ status }) => status === 409)]!;
  assert.equal((await register(loser)).status, 201, 'the e-mail of the loser is free');
});

test('D-23: of three concurrent registrations for one e-mail exactly one wins', async () => {
  const { email } = fresh();
  const rivals = [fresh(), fresh(), fresh()];
  const replies = await Promise.all(rivals.map(details => register({ ...details, email })));
  assert.deepEqual(statuses(replies), [201, 409, 409]);
  for (const [i, reply] of replies.entries()) {
    if (reply.status === 201) continue;
    assertProblem(reply, 409, 'email-taken', { paths: ['email'] });
    assert.equal((await register(rivals[i])).status, 201, 'the nickname of a loser is free');
  }
});

test('D-20: concurrent copies of one registration make one member', async () => {
  const details = fresh();
  const headers = { 'Idempotency-Key': randomUUID() };
  const replies = await Promise.all([1, 2, 3].map(() => register(details, headers)));
  assert.deepEqual(statuses(replies), [201, 201, 201]);
  assert.equal(new Set(replies.map(({ body }) => body.member.memberId)).size, 1);
  assert.equal((await fridgesAfter(replies[0]!)).body.total, 1);
});
