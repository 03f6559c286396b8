import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { AddressInfo, Server } from 'node:net';
import { test } from 'node:test';
import { ServiceBroker } from 'moleculer';
import { testFolder } from '../../core/testing/test-folder.ts';
import type { Parts } from '../../platform/parts.ts';
import { sqliteKeyValue } from '../../stores/key-value/sqlite.ts';
import gatewayService from './gateway.service.ts';

/** Keeps every thread busy that Node reads files and hashes passwords with; what comes back lets them go. */
function busyThreads(path: (name: string) => string): () => Promise<void> {
  const pipes = Array.from({ length: Number(process.env.UV_THREADPOOL_SIZE ?? 4) }, (_, n) => path(`pipe-${n}`));
  execFileSync('mkfifo', pipes);
  // Whoever opens a pipe waits until somebody opens its other end.
  const opening: Promise<FileHandle>[] = pipes.map(pipe => open(pipe, 'r'));
  return async () => {
    for (const pipe of pipes) closeSync(openSync(pipe, 'w'));
    for (const file of await Promise.all(opening)) await file.close();
  };
}

test('whether the process lives is said without looking for a file', async t => {
  const { path, keep } = testFolder(t);
  const broker = new ServiceBroker({ logger: false, skipProcessEventRegistration: true });
  const limits = { trustedProxies: 0, commandsPerHour: 1, maxConnections: 100 };
  const settings = { host: '127.0.0.1', port: 0, secureCookie: false, operatorToken: 'x', ...limits };
  // Neither of these calls asks for a store.
  const keyValue = keep(sqliteKeyValue(path('kv.db')));
  broker.createService(gatewayService({ ...({ keyValue } as Parts), ...settings }));
  await broker.start();
  type Gateway = { server: Server; listen(): Promise<void>; hangUp(): Promise<void> };
  const gateway = broker.getLocalService('gateway') as unknown as Gateway;
  await gateway.listen();
  const { port } = gateway.server.address() as AddressInfo;
  const letGo = busyThreads(path);
  try {
    for (const address of ['/livez', '/openapi.json']) {
      // This process is the client too, and would unpack the answer with one of those threads.
      const headers = { Connection: 'close', 'Accept-Encoding': 'identity' };
      const answer = await fetch(`http://127.0.0.1:${port}${address}`, { headers });
      assert.deepEqual([address, answer.status], [address, 200]);
      await answer.text();
    }
  } finally {
    await letGo();
    await gateway.hangUp();
    await broker.stop();
  }
});
