import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { newcomer } from './support/client.ts';
import { oneServer, storesNothing } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';
import { request, sendRaw } from './support/raw.ts';

const server = await oneServer();
const { client, fridgeId } = await newcomer(server.url);
const address = `/api/v1/fridges/${fridgeId}/ingredients`;
const own = `Authorization: Bearer ${client.token}`;
const LIMIT_MS = 10_000;

storesNothing(server);

/** Sends the head of a request with a part of its body. @returns the answer to that part alone */
async function headAlone(line: string, headers: readonly string[], body = ''): Promise<string> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error('no answer')));
  socket.write([`${line} HTTP/1.1`, 'Host: localhost', ...headers, '', body].join('\r\n'));
  const [data] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return data.toString();
}

const json = 'Content-Type: application/json';

test('a charset other than UTF-8 is refused, whatever the body contains', async () => {
  for (const charset of [
    'utf-16',
    'UTF-16LE',
    'utf-32',
    'utf-7',
    'iso-8859-1',
    'euc-kr',
    'us-ascii',
    'nonsense',
    '""',
  ]) {
    for (const type of ['application/json', 'application/merge-patch+json']) {
      const headers = [own, `Content-Type: ${type}; charset=${charset}`];
      const reply = await sendRaw(server.url, request(`POST ${address}`, headers, '{"nam":"x"}'));
      assertProblem(reply, 415, 'unsupported-media-type');
    }
  }
  const utf16 = Buffer.from('{"nam":"x"}', 'utf16le').toString('latin1');
  const headers = [own, 'Content-Type: application/json; charset=utf-16le'];
  assertProblem(
    await sendRaw(server.url, Buffer.from(request(`POST ${address}`, headers, utf16), 'latin1')),
    415,
    'unsupported-media-type',
  );
  for (const charset of ['utf-8', 'UTF-8', '"utf-8"', 'utf8']) {
    const accepted = [own, `Content-Type: application/json;charset=${charset}`];
    const reply = await sendRaw(server.url, request(`POST ${address}`, accepted, '{"nam":"x"}'));
    assertProblem(reply, 422, 'invalid', { paths: ['nam', 'name'] });
  }
});

test('a body is not requested (100 Continue) before the token is verified', async () => {
  for (const [headers, status] of [
    [[], 401],
    [['Authorization: Bearer nonsense'], 401],
    [[own, 'If-Match: x'], 400],
    [[own], 100],
  ] as const) {
    const text = await headAlone(`POST ${address}`, [...headers, json, 'Content-Length: 1000', 'Expect: 100-continue']);
    assert.match(text, new RegExp(`^HTTP/1.1 ${status} `));
  }
  for (const line of [`POST ${address}`, 'POST /api/v1/auth/logout', `GET ${address}`]) {
    for (const length of ['Content-Length: 500000', 'Transfer-Encoding: chunked']) {
      assert.match(await headAlone(line, [json, length], '1'), /^HTTP\/1.1 401 /);
    }
  }
});

test('a body of a declared length over the limit is refused before it arrives', async () => {
  for (const length of [512 * 1024 + 1, 10_000_000_000]) {
    const text = await headAlone(`POST ${address}`, [own, json, `Content-Length: ${length}`], '{');
    assert.match(text, /^HTTP\/1.1 413 /);
    assert.match(text, /"code":"too-large"/);
  }
  const text = await headAlone('POST /api/v1/auth/login', [json, `Content-Length: ${16 * 1024 + 1}`], '{');
  assert.match(text, /^HTTP\/1.1 413 /);
});

test('a body of undeclared length is refused as soon as it exceeds the limit, not at its end', async () => {
  const chunk = `20000\r\n${' '.repeat(0x20000)}\r\n`;
  const text = await headAlone(`POST ${address}`, [own, json, 'Transfer-Encoding: chunked'], chunk.repeat(5));
  assert.match(text, /^HTTP\/1.1 413 /);
});

test('a connection stays usable after an unread body', async () => {
  const first = `POST ${address} HTTP/1.1\r\nHost: x\r\n${json}\r\nContent-Length: 600000\r\n\r\n${' '.repeat(600_000)}`;
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error('no answer')));
  const chunks: Buffer[] = [];
  socket.on('data', (data: Buffer) => chunks.push(data));
  socket.write(first + request('GET /livez'));
  await once(socket, 'close');
  const text = Buffer.concat(chunks).toString();
  assert.deepEqual(
    [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(found => found[1]),
    ['401', '200'],
  );
});
