import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readConfig } from '../moleculer.config.ts';
import { sharedOperatorToken } from '../platform/operator-token.ts';

const servers = {
  EVENTSTORE_URL: 'esdb://one:2113?tls=false',
  MARIADB_URL: 'mariadb://zipbob:secret@one:3306/zipbob',
  MARIADB_KEYS_URL: 'mariadb://zipbob:secret@one:3306/zipbob_keys',
  MONGODB_URL: 'mongodb://one:27017/zipbob',
  REDIS_URL: 'redis://:secret@one:6379',
};

describe('the cluster profile', () => {
  for (const variable of Object.keys(servers))
    test(`needs ${variable}`, () =>
      assert.throws(() => readConfig({ ...servers, ZIPBOB_PROFILE: 'cluster', [variable]: undefined }), {
        message: `${variable}: is missing: ZIPBOB_PROFILE=cluster needs it`,
      }));

  test('is content with all of them', () =>
    assert.equal(readConfig({ ...servers, ZIPBOB_PROFILE: 'cluster' }).locations.folder, undefined));
});

describe('a data folder', () => {
  test('is needed while a store is no server', () =>
    assert.equal(readConfig({ ...servers, REDIS_URL: undefined }).locations.folder, './var'));

  test('is not needed by a node whose stores are all servers, and taken if it is named', () => {
    assert.equal(readConfig(servers).locations.folder, undefined);
    assert.equal(readConfig({ ...servers, ZIPBOB_DATA: '/data' }).locations.folder, '/data');
  });
});

test("the operator's token is refused if it is short", () => {
  assert.throws(() => readConfig({ ZIPBOB_OPERATOR_TOKEN: 'secret' }), {
    message: 'ZIPBOB_OPERATOR_TOKEN: is shorter than 32 characters',
  });
  assert.equal(readConfig({ ZIPBOB_OPERATOR_TOKEN: 'x'.repeat(32) }).operatorToken, 'x'.repeat(32));
});

test("the shared operator's token depends on the key store alone", () => {
  const [one, same, other] = [1, 1, 2].map(byte => sharedOperatorToken({ hmacSecret: new Uint8Array(32).fill(byte) }));
  assert.equal(one, same);
  assert.notEqual(one, other);
});
