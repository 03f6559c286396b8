import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A proxy that cuts what goes through it. */
export interface Cutter {
  readonly port: number;
  /** Cuts all connections once clients have sent so many bytes more, which still arrive. */
  cutAfter(bytes: number): void;
  /** How often it has cut. */
  readonly cuts: number;
  close(): Promise<void>;
}

export async function startCutter(to: number): Promise<Cutter> {
  const open = new Set<Socket>();
  let left = Number.POSITIVE_INFINITY;
  let cuts = 0;
  const cutAll = () => {
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
    server.pipe(client);
    client.on('data', data => {
      if (data.length < left) {
        left -= data.length;
        server.write(data);
        return;
      }
      const part = data.subarray(0, left);
      left = Number.POSITIVE_INFINITY;
      server.write(part, () => {
        cuts++;
        cutAll();
      });
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    cutAfter(bytes) {
      left = bytes;
    },
    get cuts() {
      return cuts;
    },
    async close() {
      listener.close();
      cutAll();
    },
  };
}
