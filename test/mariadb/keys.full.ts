import { describe } from 'node:test';
import { keyStoreContract } from '../../core/keys/contract.ts';
import type { KeyStore } from '../../core/keys/port.ts';
import { mariaDbKeyStore } from '../../stores/keys/mariadb.ts';
import { emptySchema, noMariaDb, SERVER } from '../support/mariadb.ts';

describe(`the key store in MariaDB, on ${SERVER}`, noMariaDb, () => {
  keyStoreContract(async t => {
    const { url, drop } = await emptySchema();
    const opened: KeyStore[] = [];
    t.after(async () => {
      for (const keys of opened) await keys.close();
      await drop();
    });
    const openAt = async (now: () => number) => {
      const keys = await mariaDbKeyStore(url, { now });
      opened.push(keys);
      return keys;
    };
    const open = () => openAt(() => performance.now());
    return { keys: await open(), open, openAt };
  });
});
