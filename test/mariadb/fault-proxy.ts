import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { MariaDb } from '../support/mariadb.ts';

/** Strikes at the first statement that holds `words`. */
export interface Fault {
  readonly words: string;
  /**
   * `before`: the server does not get the statement; `midway`: it gets half of it; `after`: it does it, and its answer is
   * lost.
   */
  readonly when: 'before' | 'midway' | 'after';
  /** the connection ends, or the server too (kill -9), which is then started again */
  readonly what: 'cut' | 'kill';
}

/** What lies between the adapter and a server. */
export interface FaultProxy {
  readonly port: number;
  arm(fault: Fault): void;
  /** those that did not strike yet */
  readonly armed: readonly Fault[];
  /** Resolves when a killed server is there again. */
  settled(): Promise<unknown>;
  close(): void;
}

export async function startFaultProxy(db: MariaDb): Promise<FaultProxy> {
  const armed: Fault[] = [];
  const open = new Set<Socket>();
  let restarting: Promise<unknown> = Promise.resolve();

  function strike({ what }: Fault, client: Socket, server: Socket): void {
    if (what === 'kill') {
      db.process.kill('SIGKILL');
      restarting = db.restart();
    }
    client.destroy();
    server.destroy();
  }

  const listener = createServer(client => {
    const server = connect(db.port, '127.0.0.1');
    let answer: Fault | undefined;
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      open.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          open.delete(socket);
          other.destroy();
        });
    }
    server.on('data', data => (answer ? strike(answer, client, server) : client.write(data)));
    client.on('data', data => {
      const index = armed.findIndex(({ words }) => data.includes(words));
      const [fault] = index < 0 ? [] : armed.splice(index, 1);
      if (fault?.when === 'before') return strike(fault, client, server);
      if (fault?.when === 'midway') {
        server.write(data.subarray(0, data.length / 2), () => strike(fault, client, server));
        return;
      }
      answer = fault;
      server.write(data);
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    arm: fault => void armed.push(fault),
    armed,
    settled: () => restarting,
    close() {
      listener.close();
      for (const socket of open) socket.destroy();
    },
  };
}
