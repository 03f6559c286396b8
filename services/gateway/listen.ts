import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from '../../platform/problem.ts';
import { traceIdOf, traceparentOf } from '../../platform/trace.ts';
import { PROBLEM_HEADERS, problemDocument, sendProblem } from './errors.ts';

const REQUEST_MS = 30_000;
/** as long as an action may take (moleculer.config.ts), and half of what a second start waits for the data folder */
const DRAIN_MS = 5_000;

/** An HTTP server that listens. @throws Error that names the address which cannot be had */
export async function listen(handle: RequestListener, at: { host: string; port: number }): Promise<Server> {
  const timeouts = { requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS };
  // Node would refuse what lacks a Host by itself, with nothing to read.
  const server = createServer({ ...timeouts, requireHostHeader: false }, (req, res) =>
    lacksHost(req) ? refuse(res, NO_HOST) : handle(req, res),
  );
  server.on('checkExpectation', (_req, res) => refuse(res, UNEXPECTED));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => hangUpOn(error, socket));
  server.listen(at.port, at.host);
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

const NO_HOST = new Problem(400, 'malformed', 'the request has no Host header');
const UNEXPECTED = new Problem(417, 'expectation-failed', 'only 100-continue can be expected');

const lacksHost = ({ httpVersion, headers }: IncomingMessage): boolean =>
  httpVersion === '1.1' && headers.host === undefined;

function refuse(res: ServerResponse, problem: Problem): void {
  const traceId = newTraceId();
  res.setHeader('Trace-Id', traceId);
  sendProblem(res, problem, traceId);
}

const newTraceId = (): string => traceIdOf(traceparentOf(undefined));

/** What never became a request is answered all the same. */
function hangUpOn({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = REFUSALS[code] ?? new Problem(400, 'malformed', 'this is not HTTP as we know it');
  const traceId = newTraceId();
  const body = problemDocument(problem, traceId);
  socket.end(
    [
      `HTTP/1.1 ${problem.code} ${body.title}`,
      ...Object.entries(PROBLEM_HEADERS).map(([name, value]) => `${name}: ${value}`),
      `Content-Length: ${Buffer.byteLength(body.text)}`,
      `Trace-Id: ${traceId}`,
      'Connection: close',
      '',
      body.text,
    ].join('\r\n'),
  );
}
