import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after } from 'node:test';
import { freePort } from './free-port.ts';
import { scratchFolder } from './programs.ts';
import { ServerProcess } from './server-process.ts';

/** Why there is no NATS to test with, if so. */
export const noNats =
  spawnSync('nats-server', ['--version']).status === 0
    ? false
    : 'no nats-server on this machine: apt-get install nats-server';
if (noNats) console.error(`NOT TESTED, NATS: ${noNats}`);

export const USER = 'zipbob';
export const PASSWORD = 'sec/ret@nats';

/** A private NATS that asks for a user and a password; it ends with the tests of the file. */
export async function startNats(): Promise<{ url: string; port: number; server: ServerProcess }> {
  const folder = scratchFolder();
  const port = await freePort();
  const file = join(folder, 'nats.conf');
  writeFileSync(file, `listen: "127.0.0.1:${port}"\nauthorization { user: ${USER}, password: "${PASSWORD}" }\n`);
  const connects = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve();
      });
      socket.once('error', reject);
    });
  const server = await ServerProcess.start(['nats-server', '-c', file], connects);
  after(async () => {
    await server.kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return { url: `nats://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`, port, server };
}
