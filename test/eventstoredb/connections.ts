import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Server, ServerCredentials } from '@grpc/grpc-js';

/** The TCP connections under the gRPC server, which has no way to reset one. */
export class Connections {
  readonly #listener = createServer();
  readonly #sockets = new Set<Socket>();

  /** @returns the port */
  async listen(grpc: Server, credentials: ServerCredentials, host: string, port: number): Promise<number> {
    const injector = grpc.createConnectionInjector(credentials);
    this.#listener.on('connection', socket => {
      this.#sockets.add(socket);
      // A killed client resets its side; grpc-js sees the close.
      socket.on('error', () => {}).on('close', () => this.#sockets.delete(socket));
      injector.injectConnection(socket);
    });
    this.#listener.listen(port, host);
    await once(this.#listener, 'listening');
    return (this.#listener.address() as AddressInfo).port;
  }

  /** Resets the connection of a call: the client reads ECONNRESET (golden 12). */
  reset(peer: string): void {
    for (const socket of this.#sockets) {
      if (peer.endsWith(`:${socket.remotePort}`)) socket.resetAndDestroy();
    }
  }

  resetAll(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  close(): void {
    this.#listener.close();
    this.resetAll();
  }
}
