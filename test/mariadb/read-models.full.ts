import { describe } from 'node:test';
import { readModelContract } from '../../core/read-model/contract.ts';
import type { ReadModels } from '../../core/read-model/port.ts';
import { mariaDbReadModels } from '../../stores/read-models/mariadb.ts';
import { emptySchema, noMariaDb, SERVER } from '../support/mariadb.ts';

describe('read models in MariaDB', noMariaDb, () => {
  readModelContract(`the contract, on ${SERVER}`, async () => {
    const { url, drop } = await emptySchema();
    const handles: ReadModels[] = [];
    const another = async () => {
      const models = await mariaDbReadModels(url);
      handles.push(models);
      return models;
    };
    return {
      models: await another(),
      reopen: another,
      async close() {
        for (const handle of handles) await handle.close();
        await drop();
      },
    };
  });
});
