import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP proxy between a client and the server. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number;
  /** Stops forwarding on the open connections without closing them; new ones work. */
  mute(): void;
}

export async function startProxy(to: number): Promise<TcpProxy> {
  const open = new Set<Socket>();
  const mute = new Set<Socket>();
  const listener = createServer(client => {
    const server = connect(to, '127.0.0.1');
    join(client, server);
    join(server, client);
  });
  const join = (socket: Socket, other: Socket) => {
    open.add(socket);
    socket
      .on('error', () => {})
      .on('close', () => {
        // A mute pair must not learn of the other side's close.
        if (open.delete(socket)) other.destroy();
      });
    socket.pipe(other);
  };
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    mute: () => {
      for (const socket of open) {
        socket.unpipe().pause();
        mute.add(socket);
      }
      open.clear();
    },
    [Symbol.asyncDispose]: async () => {
      listener.close();
      for (const socket of [...open, ...mute]) socket.destroy();
    },
  };
}
