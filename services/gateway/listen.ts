import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from '../../platform/problem.ts';
import { Connections } from './connections.ts';
import { newTraceId, sendProblem } from './errors.ts';

const REQUEST_MS = 30_000;
const STALL_MS = 30_000;
/** as long as an action may take (moleculer.config.ts), and half of what a second start waits for the data folder */
const DRAIN_MS = 5_000;

/** Who asks whether the process lives kills it where no answer comes. */
const LIVENESS = '/livez';

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly sharedPort?: boolean;
  readonly maxConnections: number;
  readonly stallMs?: number;
}

/** An HTTP server that listens. @throws Error that names the address which cannot be had */
export async function listen(handle: RequestListener, at: Address): Promise<Server> {
  const connections = new Connections({ maxConnections: at.maxConnections, stallMs: at.stallMs ?? STALL_MS });
  const inTurn: RequestListener = (req, res) =>
    connections.inTurn(
      req,
      res,
      () => (lacksHost(req) ? refuse(res, NO_HOST) : handle(req, res)),
      req.url === LIVENESS,
    );
  const timeouts = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS };
  // Node would refuse what lacks a Host by itself, with nothing to read.
  const server = createServer({ ...timeouts, requireHostHeader: false }, inTurn);
  // A client that has said all that it wants to say may still read.
  Object.assign(server, { httpAllowHalfOpen: true });
  connections.watch(server);
  // Without this, Node would ask for the body before anyone looked at the request (body.ts).
  server.on('checkContinue', inTurn);
  server.on('checkExpectation', (req, res) => connections.inTurn(req, res, () => refuse(res, UNEXPECTED)));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET') socket.destroy();
    else connections.leave(socket, REFUSALS[error.code ?? ''] ?? NO_HTTP);
  });
  server.on('connect', (_req, socket: Socket) => {
    // Node has taken its own listeners away.
    socket.on('error', () => socket.destroy());
    connections.leave(socket, NO_TUNNEL, REQUEST_MS);
  });
  server.listen({ port: at.port, host: at.host, reusePort: at.sharedPort ?? false });
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'it is in use by another program' : (error as Error).message;
    throw new Error(`cannot listen on ${at.host} port ${at.port}: ${why}`);
  }
  return server;
}

/** Takes nothing new and lets what is under way end, as long as it ends soon: not every request is ever sent in full. */
export async function hangUp(server: Server): Promise<void> {
  const closed = once(server, 'close');
  // Whoever never pauses on an open connection is told to come back on another.
  server.prependListener('request', (_req, res) => res.setHeader('Connection', 'close'));
  // And whoever is answered just now, without having been told, is not waited for.
  Object.assign(server, { keepAliveTimeout: 1, keepAliveTimeoutBuffer: 0 });
  server.close();
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await closed;
  clearTimeout(timer);
}

const REFUSALS: Record<string, Problem> = {
  HPE_HEADER_OVERFLOW: new Problem(431, 'headers-too-large', 'the headers are too many or too large'),
  ERR_HTTP_REQUEST_TIMEOUT: new Problem(408, 'timeout', 'the request took too long to arrive'),
};

const NO_HTTP = new Problem(400, 'malformed', 'this is not HTTP as we know it');
const NO_TUNNEL = new Problem(400, 'malformed', 'this is no proxy: CONNECT is not for it');
const NO_HOST = new Problem(400, 'malformed', 'the request has no Host header');
const UNEXPECTED = new Problem(417, 'expectation-failed', 'only 100-continue can be expected');

const lacksHost = ({ httpVersion, headers }: IncomingMessage): boolean =>
  httpVersion === '1.1' && headers.host === undefined;

function refuse(res: ServerResponse, problem: Problem): void {
  const traceId = newTraceId();
  res.setHeader('Trace-Id', traceId);
  sendProblem(res, problem, traceId);
}
