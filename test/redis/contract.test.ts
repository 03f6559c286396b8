import { describe, type TestContext } from 'node:test';
import { keyValueContract } from '../../core/key-value/contract.ts';
import { testFolder } from '../../core/testing/test-folder.ts';
import { redisKeyValue } from '../../stores/key-value/redis.ts';
import { emptyDatabase, serverName, skip, suiteRedis } from '../support/redis.ts';

describe(`the Redis key-value store on ${serverName}`, { skip }, () => {
  const server = suiteRedis();

  keyValueContract(async (t: TestContext) => {
    const url = await emptyDatabase(t, server());
    const { keep } = testFolder(t);
    let now = Date.parse('2026-03-10T08:00:00.000Z');
    const open = async () => keep(await redisKeyValue(url, () => new Date(now)));
    return {
      kv: await open(),
      open,
      pass: (seconds: number) => {
        now += seconds * 1000;
      },
    };
  });
});
