import type { ServerResponse } from 'node:http';
import { Problem, problemOf, unavailable } from '../../platform/problem.ts';
import { traceIdOf, traceparentOf } from '../../platform/trace.ts';

const TITLES: Record<number, string> = {
  400: 'Malformed request',
  401: 'Not authenticated',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request timeout',
  409: 'Not possible now',
  412: 'Precondition failed',
  413: 'Too large',
  415: 'Unsupported media type',
  416: 'Range not satisfiable',
  417: 'Expectation failed',
  422: 'Invalid content',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Internal error',
  503: 'Unavailable',
};

/** Errors of Moleculer and Node, by their type or code. */
const FOREIGN: Record<string, () => Problem> = {
  UNABLE_DECODE_PARAM: () => new Problem(400, 'malformed', 'the address is not properly encoded'),
  NOT_FOUND: () => new Problem(404, 'not-found', 'there is nothing at this address'),
  SERVICE_NOT_FOUND: () => unavailable('unavailable', 'a part of this server is not there; try again'),
  SERVICE_NOT_AVAILABLE: () => unavailable('unavailable', 'a part of this server is not there; try again'),
  REQUEST_TIMEOUT: () => unavailable('timeout', 'this took too long; try again'),
  REQUEST_SKIPPED: () => unavailable('timeout', 'this took too long; try again'),
  REQUEST_REJECTED: () => unavailable('unavailable', 'a part of this server went away; try again'),
  QUEUE_IS_FULL: () => unavailable('overloaded', 'there is too much to do; try again'),
};

/** The same by their own status. */
const FOREIGN_STATUS: Record<number, () => Problem> = {
  400: () => new Problem(400, 'malformed', 'the request is malformed'),
  412: () => new Problem(412, 'precondition-failed', 'what is here is not what the headers ask for'),
  416: () => new Problem(416, 'range-not-satisfiable', 'there is no such part of it'),
};

interface ForeignError {
  type?: string;
  code?: number | string;
}

/** The problem for any error; an unknown one reveals nothing internal. */
export function asProblem(error: unknown): { problem: Problem; known: boolean } {
  const own = problemOf(error);
  if (own) return { problem: own, known: true };
  const foreign = error as ForeignError;
  const translate = FOREIGN[foreign?.type ?? ''] ?? FOREIGN_STATUS[Number(foreign?.code)];
  if (translate) return { problem: translate(), known: true };
  return { problem: new Problem(500, 'internal', 'something went wrong inside; it was noted'), known: false };
}

/** A problem in the format of RFC 9457. */
function problemDocument(problem: Problem, traceId: string): { title: string; text: string } {
  const { problem: _, retryAfter: __, ...data } = problem.data as { problem: true; retryAfter?: number };
  const title = TITLES[problem.code] ?? 'Error';
  const { code: status, message: detail, type: code } = problem;
  return { title, text: JSON.stringify({ type: 'about:blank', title, status, detail, code, traceId, ...data }) };
}

/** Problems are never cached. */
const PROBLEM_HEADERS = {
  'Content-Type': 'application/problem+json; charset=utf-8',
  'Cache-Control': 'no-store',
};

/** The bytes of an HTTP answer with a problem, for a connection on which no request can be answered any more. */
export function lastWords(problem: Problem): string {
  const traceId = newTraceId();
  const { title, text } = problemDocument(problem, traceId);
  const { retryAfter } = problem.data as { retryAfter?: number };
  return [
    `HTTP/1.1 ${problem.code} ${title}`,
    ...Object.entries(PROBLEM_HEADERS).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(text)}`,
    ...(retryAfter === undefined ? [] : [`Retry-After: ${retryAfter}`]),
    `Trace-Id: ${traceId}`,
    'Connection: close',
    '',
    text,
  ].join('\r\n');
}

export const newTraceId = (): string => traceIdOf(traceparentOf(undefined));

export function sendProblem(res: ServerResponse, problem: Problem, traceId: string): void {
  if (res.headersSent) {
    res.end();
    return;
  }
  const { retryAfter } = problem.data as { retryAfter?: number };
  if (retryAfter !== undefined) res.setHeader('Retry-After', String(retryAfter));
  if (problem.code === 401) res.setHeader('WWW-Authenticate', 'Bearer');
  res.writeHead(problem.code, PROBLEM_HEADERS);
  res.end(problemDocument(problem, traceId).text);
}
