import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from '../../platform/problem.ts';
import { Connections } from './connections.ts';
import { newTraceId, sendProblem } from './errors.ts';

const REQUEST_MS = 30_000;
const STALL_MS = 30_000;
/** the time limit of an action (moleculer.config.ts), and half of a second start's wait for the data folder */
const DRAIN_MS = 5_000;

/** A liveness probe kills the process if it gets no answer. */
const LIVENESS = '/livez';

export interface Address {
  readonly host: string;
  readonly port: number;
  readonly sharedPort?: boolean;
  readonly maxConnections: number;
  readonly stallMs?: number;
}

/** Starts an HTTP server. @throws Error that names the address if it cannot be used */
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
  // Node would refuse a missing Host by itself, with an empty answer.
  const server = createServer({ ...timeouts, requireHostHeader: false }, inTurn);
  // A client that has closed its sending side may still read.
  Object.assign(server, { httpAllowHalfOpen: true });
  connections.watch(server);
  // Without this, Node would ask for the body before the request is checked (body.ts).
  server.on('checkContinue', inTurn);
  server.on('checkExpectation', (req, res) => connections.inTurn(req, res, () => refuse(res, UNEXPECTED)));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    if (error.code === 'ECONNRESET') socket.destroy();
    else connections.leave(socket, REFUSALS[error.code ?? ''] ?? NO_HTTP);
  });
  server.on('connect', (_req, socket: Socket) => {
    // Node has removed its own listeners.
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

/** Accepts nothing new and lets running requests finish for a limited time, because some are never sent completely. */
export async function hangUp(server: Server): Promise<void> {
  const closed = once(server, 'close');
  // A client that never pauses is told to use another connection.
  server.prependListener('request', (_req, res) => res.setHeader('Connection', 'close'));
  // A client that is being answered now, without that header, is not awaited.
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
