import assert from 'node:assert/strict';
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import fc from 'fast-check';
import jwt from 'jsonwebtoken';
import { Client, newcomer, type Reply } from './support/client.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';
import { request, sendRaw } from './support/raw.ts';

const server = await oneServer();
const another = await oneServer();
const member = await newcomer(server.url);
const key = signingKey(server.folder);

/** A secret known only to the server. */
function signingKey(folder: string): { kid: string; privateKey: string; publicKey: string } {
  const db = new DatabaseSync(join(folder, 'keys.db'), { readOnly: true });
  const { value } = db.prepare(`SELECT value FROM secrets WHERE name = 'signing'`).get()!;
  db.close();
  return JSON.parse(String(value));
}

async function me(authorization?: string, headers: Record<string, string> = {}): Promise<Reply> {
  const given = authorization === undefined ? headers : { ...headers, Authorization: authorization };
  return new Client(server.url).get('/members/me', given);
}
const meWith = (token: string): Promise<Reply> => me(`Bearer ${token}`);
const base64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const claims = (): jwt.JwtPayload => jwt.decode(member.client.token!) as jwt.JwtPayload;
const signed = (payload: object, privateKey = key.privateKey, keyid = key.kid) =>
  jwt.sign(payload, privateKey, { algorithm: 'ES256', keyid });

interface Operation {
  security?: unknown;
}
interface OpenApi {
  paths: Record<string, Record<string, Operation>>;
}

const { paths } = (await (await fetch(`${server.url}/openapi.json`)).json()) as OpenApi;
const calls = Object.entries(paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, { security }]) => ({ method: method.toUpperCase(), path, security })),
);
const PUBLIC = ['register', 'login', 'refresh'].map(call => `POST /api/v1/auth/${call}`);

test('the contract marks every call but three as needing a token', () => {
  const open = calls.filter(({ security }) => !security).map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(open.sort(), PUBLIC.toSorted());
});

test('D-33: every call that needs a token answers 401 without one, and nothing else', async () => {
  const closed = calls.filter(({ method, path }) => !PUBLIC.includes(`${method} ${path}`));
  assert.ok(closed.length >= 11);
  for (const { method, path: template } of closed) {
    const path = template.replaceAll(/\{\w+\}/g, randomUUID());
    assertProblem(await new Client(server.url).call(method, path), 401, 'unauthenticated');
    if (method === 'GET') continue;
    assertProblem(await new Client(server.url).call(method, path, { body: { any: 'thing' } }), 401, 'unauthenticated');
  }
});

test('a token made by the server itself is valid, in any spelling of "Bearer"', async () => {
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    assert.equal((await me(`${scheme} ${member.client.token}`)).body.memberId, member.memberId);
  }
  assert.equal((await meWith(signed(claims()))).status, 200, 'the key of the tests is the right one');
});

test('an invalid bearer token counts as none', async () => {
  const token = member.client.token!;
  for (const given of [
    '',
    'Bearer',
    'Bearer ',
    token,
    `Basic ${token}`,
    `Bearer${token}`,
    `Bearer ${token} ${token}`,
  ]) {
    assertProblem(await me(given), 401, 'unauthenticated');
  }
});

test('garbage is refused', async () => {
  const header = base64({ alg: 'ES256', typ: 'JWT', kid: key.kid });
  const garbage = [
    'x',
    '.',
    '..',
    '...',
    'a.b.c',
    'null',
    '%00',
    'e30.e30.e30',
    'x'.repeat(10_000),
    ...['null', '[]', '""', '{', '{}'].map(text => `${base64(text)}.${base64({})}.AAAA`),
    ...[1, null, {}, [], '__proto__', 'constructor', ''].map(kid => `${base64({ alg: 'ES256', kid })}.e30.AAAA`),
    ...['', 'AAAA', '!', 'A'.repeat(86)].map(signature => `${header}.${base64(claims())}.${signature}`),
  ];
  for (const token of garbage) assertProblem(await meWith(token), 401, 'token-invalid');
});

test('a token with our key id whose payload is not JSON is refused like any other garbage', async () => {
  const header = base64({ alg: 'ES256', typ: 'JWT', kid: key.kid });
  for (const content of ['no json', '', '{"sub":', 'nul', '\u0000']) {
    assertProblem(await meWith(`${header}.${base64(content)}.AAAA`), 401, 'token-invalid');
  }
});

test('random tokens never get past a 401', async () => {
  const part = fc.oneof(
    fc.string({ maxLength: 40 }).map(base64),
    fc.json({ maxDepth: 2 }).map(base64),
    fc.record({ alg: fc.constantFrom('ES256', 'none', 'HS256'), kid: fc.constant(key.kid) }).map(base64),
    fc.constant(''),
  );
  const token = fc.array(part, { minLength: 1, maxLength: 4 }).map(parts => parts.join('.'));
  const property = fc.asyncProperty(token, async text => {
    fc.pre(text !== '');
    assert.equal((await meWith(text)).status, 401);
  });
  await fc.assert(property, { seed: 20_260_101, numRuns: 150 });
});

test('a token without a signature is refused', async () => {
  for (const alg of ['none', 'None', 'NONE', '']) {
    const unsigned = `${base64({ alg, typ: 'JWT', kid: key.kid })}.${base64(claims())}.`;
    assertProblem(await meWith(unsigned), 401, 'token-invalid');
  }
  const [header, content] = member.client.token!.split('.');
  assertProblem(await meWith(`${header}.${content}.`), 401, 'token-invalid');
});

test('a token signed by another key with our key id is refused', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  assertProblem(await meWith(signed(claims(), pem)), 401, 'token-invalid');
});

test('our public key cannot be used as an HMAC secret', async () => {
  const header = { alg: 'HS256', typ: 'JWT', kid: key.kid };
  for (const secret of [key.publicKey, key.publicKey.trim(), key.kid]) {
    const hmac = await crypto.subtle.importKey('raw', Buffer.from(secret), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
    ]);
    const text = `${base64(header)}.${base64(claims())}`;
    const signature = Buffer.from(await crypto.subtle.sign('HMAC', hmac, Buffer.from(text))).toString('base64url');
    assertProblem(await meWith(`${text}.${signature}`), 401, 'token-invalid');
  }
});

test('a changed token is refused', async () => {
  const [header, , signature] = member.client.token!.split('.');
  const other = await newcomer(server.url);
  const changed = { ...claims(), sub: other.memberId };
  assertProblem(await meWith(`${header}.${base64(changed)}.${signature}`), 401, 'token-invalid');
});

test('a token of another server is refused, also with our key id', async () => {
  const foreign = (await newcomer(another.url)).client.token!;
  assertProblem(await meWith(foreign), 401, 'token-invalid');
  const [, content, signature] = foreign.split('.');
  assertProblem(await meWith(`${member.client.token!.split('.')[0]}.${content}.${signature}`), 401, 'token-invalid');
  assertProblem(await meWith(signed({ ...claims(), iss: 'elsewhere' })), 401, 'token-invalid');
});

test('an expired token is refused as expired', async () => {
  const { exp = 0, iat = 0 } = claims();
  assert.equal(exp - iat, 900);
  for (const age of [901, 86_400, 10 * 365 * 86_400]) {
    const old = signed({ ...claims(), iat: iat - age, exp: exp - age });
    assertProblem(await meWith(old), 401, 'token-expired');
  }
  assertProblem(await meWith(signed({ ...claims(), nbf: exp })), 401, 'token-invalid');
});

test('D-13: a token in the address is ignored', async () => {
  const query = `access_token=${member.client.token}&token=${member.client.token}`;
  assertProblem(await new Client(server.url).get(`/members/me?${query}`), 401, 'unauthenticated');
});

test('D-12: headers that name a person are ignored in any spelling', async () => {
  const other = await newcomer(server.url);
  const own = `Authorization: Bearer ${member.client.token}`;
  const send = (line: string, ...headers: string[]) => sendRaw(server.url, request(line, headers));
  const names = ['X-Member-Id', 'x-mEMber-id', 'X-MEMBER-ID', 'X-User-Id', 'X-Forwarded-User', 'Remote-User', 'Actor'];
  for (const name of names) {
    const spoofed = `${name}: ${other.memberId}`;
    assertProblem(await send('GET /api/v1/members/me', spoofed), 401, 'unauthenticated');
    for (const headers of [
      [own, spoofed],
      [spoofed, own],
    ]) {
      assert.equal((await send('GET /api/v1/members/me', ...headers)).body.memberId, member.memberId);
      assertProblem(await send(`GET /api/v1/fridges/${other.fridgeId}`, ...headers), 404, 'fridge-not-found');
    }
  }
  const item = await member.client.post(
    `/fridges/${member.fridgeId}/ingredients`,
    { name: 'x' },
    { 'X-mEMber-id': other.memberId },
  );
  assert.equal(item.body.items[0].addedBy, member.memberId);
});
