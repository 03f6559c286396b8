import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy that cuts what goes through it. */
export interface Cutter {
  readonly port: number;
  /**
   * Cuts all connections once clients have sent so many bytes more, which still arrive.
   * @param lost `answer`: all that is sent arrives, and it is the answer that is lost
   */
  cutAfter(bytes: number, lost?: 'rest' | 'answer'): void;
  /** How often it has cut. */
  readonly cuts: number;
  close(): Promise<void>;
}

export async function startCutter(to: number): Promise<Cutter> {
  const open = new Set<Socket>();
  let left = Number.POSITIVE_INFINITY;
  let losing: 'rest' | 'answer' = 'rest';
  let cuts = 0;
  const cutAll = () => {
    cuts++;
    for (const socket of open) socket.destroy();
  };
  const listener = createServer(client => {
    const server = connect(to, '127.0.0.1');
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        other.destroy();
      });
    }
    let silent = false;
    server.on('data', data => (silent ? cutAll() : client.write(data)));
    client.on('data', data => {
      const isLast = data.length >= left;
      const part = isLast && losing === 'rest' ? data.subarray(0, left) : data;
      silent = isLast && losing === 'answer';
      left = isLast ? Number.POSITIVE_INFINITY : left - data.length;
      server.write(part, () => isLast && !silent && cutAll());
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    cutAfter(bytes, lost = 'rest') {
      left = bytes;
      losing = lost;
    },
    get cuts() {
      return cuts;
    },
    async close() {
      listener.close();
      for (const socket of open) socket.destroy();
    },
  };
}
