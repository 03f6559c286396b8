import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { positionKey, positionOf, positionToken } from './position-token.ts';

const secret = new Uint8Array(32).fill(7);
const key = positionKey(secret, 'log-a');
const unknown = { name: 'Refused', kind: 'malformed', code: 'position-unknown' };
const encoded = (text: string) => Buffer.from(text).toString('base64url');

test('a position token names a position in a log, on every node with the same secret', () => {
  for (const position of [0, 1, 97, Number.MAX_SAFE_INTEGER]) {
    const token = positionToken(key, position);
    assert.equal(positionOf(positionKey(secret, 'log-a'), token), position);
    assert.equal(positionToken(key, position), token);
  }
});

test('position tokens reveal neither the log, nor the position, nor the distance between two', () => {
  const tokens = Array.from({ length: 100 }, (_, n) => positionToken(key, 1_000_000 + n));
  for (const token of tokens) assert.match(token, /^[A-Za-z0-9_-]{22}$/);
  const bytes = tokens.map(token => Buffer.from(token, 'base64url'));
  for (let at = 0; at < 16; at++) {
    const values = new Set(bytes.map(token => token[at]));
    assert.ok(values.size > 50, `byte ${at} hardly changes`);
  }
});

test('position tokens of another log, or of another secret, are unknown', () => {
  const token = positionToken(key, 1);
  assert.throws(() => positionOf(positionKey(secret, 'log-b'), token), unknown);
  assert.throws(() => positionOf(positionKey(randomBytes(32), 'log-a'), token), unknown);
});

test('forged position tokens are unknown', () => {
  const token = positionToken(key, 7);
  const bytes = Buffer.from(token, 'base64url');
  const changed = Array.from({ length: 128 }, (_, bit) => {
    const other = Buffer.from(bytes);
    other[bit >> 3]! ^= 1 << (bit & 7);
    return other.toString('base64url');
  });
  const made = ['', '7', encoded('log-a'), encoded('log-a:7'), encoded('log-a:0000000007'), '\u{1f4a5} %00 "<script>"'];
  const spelt = [
    `${token}=`,
    `${token}==`,
    ` ${token}`,
    `${token}A`,
    token.slice(1),
    token + token,
    'A'.repeat(100_000),
  ];
  for (const text of [...changed, ...made, ...spelt]) assert.throws(() => positionOf(key, text), unknown, text);
});
