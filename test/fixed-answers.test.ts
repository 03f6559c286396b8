import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneServer } from './support/one-server.ts';

const server = await oneServer();
const ask = (headers: Record<string, string> = {}) =>
  fetch(`${server.url}/openapi.json`, { headers: { 'Accept-Encoding': 'identity', ...headers } });

test('the contract has an entity tag, and is not sent again to a client that has it', async () => {
  const whole = await ask();
  const tag = whole.headers.get('etag')!;
  assert.match(tag, /^"[\w-]+"$/);
  assert.equal(whole.headers.get('vary'), 'Accept-Encoding');
  assert.equal(((await whole.json()) as { openapi: string }).openapi, '3.1.0');
  for (const known of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
    const reply = await ask({ 'If-None-Match': known });
    assert.deepEqual([reply.status, await reply.text(), reply.headers.get('etag')], [304, '', tag]);
  }
  const other = await ask({ 'If-None-Match': '"x"' });
  assert.equal(other.status, 200);
  await other.text();
});

test('the contract is compressed for a client that accepts it, with a tag of its own', async () => {
  const plain = await (await ask()).text();
  const tags = new Set<string>();
  for (const [accepted, encoding] of [
    ['gzip', 'gzip'],
    ['br, gzip;q=0.5', 'gzip'],
    ['*', 'gzip'],
    ['gzip;q=0', null],
    ['gzip;q=0, *', null],
    ['br', null],
  ] as const) {
    const reply = await ask({ 'Accept-Encoding': accepted });
    assert.equal(reply.headers.get('content-encoding'), encoding, accepted);
    assert.equal(await reply.text(), plain); // fetch has unpacked it
    tags.add(reply.headers.get('etag')!);
  }
  assert.equal(tags.size, 2);
  const length = Number((await ask({ 'Accept-Encoding': 'gzip' })).headers.get('content-length'));
  assert.ok(length * 4 < Buffer.byteLength(plain), `${length} of ${Buffer.byteLength(plain)}`);
});

test('the page forbids inline scripts and styles and the features of the device', async () => {
  for (const address of ['/', '/livez', '/nowhere', '/api/v1/fridges']) {
    const { headers } = await fetch(server.url + address, { redirect: 'manual' });
    const policy = headers.get('content-security-policy') ?? '';
    assert.doesNotMatch(policy, /unsafe|https?:|data:|\*/);
    assert.match(policy, /^default-src 'none';script-src 'self';style-src 'self';/);
    assert.match(headers.get('permissions-policy') ?? '', /\bcamera=\(\).*\bgeolocation=\(\).*\bmicrophone=\(\)/);
  }
});
