import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import { positionKey, positionOf, positionToken } from '../../core/position-token.ts';
import { DEFAULT_LANGUAGE, preferred } from '../../domain/language.ts';
import { SESSION_SECONDS, verifyAccessToken } from '../../platform/access-token.ts';
import type { AnswerMeta, RequestMeta } from '../../platform/action.ts';
import type { Parts } from '../../platform/parts.ts';
import { Problem } from '../../platform/problem.ts';
import type { Route } from '../../platform/route.ts';
import { clientAddress } from './client-address.ts';

export const COOKIE = 'zipbob_refresh';
export const API = '/api/v1';

/** `operatorToken`: for programs that act as the operator; `trustedProxies`: number of proxies in front */
export type GatewayParts = Parts & { readonly operatorToken: string; readonly trustedProxies: number };

export interface Incoming {
  params: Record<string, string>;
  query: Record<string, unknown>;
  body: unknown;
}

const header = (req: IncomingMessage, name: string): string | undefined => {
  const value = req.headers[name];
  return Array.isArray(value) ? value[0] : value;
};

/** The metadata of a request. @throws Problem, Refused */
export async function readMeta(
  parts: GatewayParts,
  route: Route,
  req: IncomingMessage,
  params: Incoming['params'],
): Promise<RequestMeta> {
  const member = await authenticated(parts, route, header(req, 'authorization'));
  const waitFor = waitedFor(parts, header(req, 'wait-for-position'));
  const ifMatch = revisionOf(header(req, 'if-match'));
  const address = clientAddress(req, parts.trustedProxies);
  const refreshToken = parseCookie(header(req, 'cookie') ?? '')[COOKIE];
  return {
    ...(member && { member }),
    method: req.method!,
    path: pathOf(route, params),
    idempotencyKey: (route.keyed && idempotencyKey(header(req, 'idempotency-key'))) || randomUUID(),
    language: preferred(header(req, 'accept-language')) ?? member?.language ?? DEFAULT_LANGUAGE,
    ...(ifMatch !== undefined && { ifMatch }),
    ...(waitFor !== undefined && { waitFor }),
    ...(refreshToken !== undefined && { refreshToken }),
    ...(address !== undefined && { address }),
  };
}

/** The canonical spelling of a path, so that an idempotency key counts once for it. */
const pathOf = ({ path }: Route, params: Incoming['params']): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, field: string) => encodeURIComponent(params[field] ?? ''));

function idempotencyKey(given: string | undefined): string | undefined {
  if (given === '') throw new Problem(400, 'malformed', 'Idempotency-Key is empty');
  return given;
}

async function authenticated(parts: GatewayParts, { access }: Route, authorization: string | undefined) {
  if (access === 'public') return undefined;
  const token = authorization?.match(/^Bearer +(\S+)$/i)?.[1];
  if (!token) throw new Problem(401, 'unauthenticated', 'this needs an access token');
  const isOperator = sameText(token, parts.operatorToken);
  if (access === 'member') {
    if (isOperator) throw new Problem(403, 'members-only', 'this is for members; the operator has no fridge');
    return verifyAccessToken(parts.keys, parts.keyValue, token);
  }
  if (isOperator) return undefined;
  await verifyAccessToken(parts.keys, parts.keyValue, token);
  throw new Problem(403, 'operators-only', 'this is for operators');
}

/** Compares in constant time. The length of our token is no secret. */
const sameText = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a, 'utf16le'), Buffer.from(b, 'utf16le'));

const positionKeyOf = ({ keys, logId }: Pick<Parts, 'keys' | 'logId'>) => positionKey(keys.hmacSecret, logId);

/** @throws Refused `position-unknown` for another log; a position beyond the end is found by the read of a view */
const waitedFor = (parts: Parts, token: string | undefined): number | undefined =>
  token === undefined ? undefined : positionOf(positionKeyOf(parts), token);

/** The revision of our strong entity tag. A weak or foreign one matches nothing. */
function revisionOf(ifMatch: string | undefined): number | undefined {
  if (ifMatch === undefined || ifMatch.trim() === '*') return undefined;
  const revision = ifMatch.trim().match(/^"(\d{1,15})"$/)?.[1];
  if (revision === undefined) throw new Problem(400, 'malformed', 'If-Match is one strong tag, such as "3"');
  return Number(revision);
}

/** The input fields of an action from the path and the query or body. A body must not repeat a path field. */
export function readInput(route: Route, { params, query, body }: Incoming): Record<string, unknown> {
  if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) {
    throw new Problem(422, 'invalid', 'the body must be a JSON object', {
      errors: [{ path: '', message: 'is not an object' }],
    });
  }
  // A command takes its fields from the body only, because addresses end up in logs.
  const [fields, misplaced] = route.method === 'GET' ? [query, {}] : [{ ...body }, query];
  const wrong = [...Object.keys(params).filter(field => Object.hasOwn(fields, field)), ...Object.keys(misplaced)];
  if (wrong.length > 0) {
    const errors = wrong.map(field => ({ path: field, message: 'there is no such field' }));
    throw new Problem(422, 'invalid', `${wrong[0]}: there is no such field`, { errors });
  }
  return { ...fields, ...params };
}

/** Refuses a query that is not properly encoded. @throws Problem 400 */
export function requireDecodable(url: string): void {
  const [, query = ''] = url.split(/\?(.*)/s);
  for (const field of query.split('&')) {
    if (decoded(field) !== undefined) continue;
    const [name = ''] = field.split('=', 1);
    const path = decoded(name) ?? name;
    const message = 'is not properly encoded';
    throw new Problem(400, 'malformed', `${path}: ${message}`, { errors: [{ path, message }] });
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

export function writeHeaders(
  res: ServerResponse,
  answer: AnswerMeta,
  parts: Pick<Parts, 'keys' | 'logId'> & { secureCookie: boolean },
): void {
  if (answer.etag !== undefined) res.setHeader('ETag', `"${answer.etag}"`);
  if (answer.position !== undefined) res.setHeader('Position', positionToken(positionKeyOf(parts), answer.position));
  if (answer.location !== undefined) res.setHeader('Location', API + answer.location);
  if (answer.refreshToken !== undefined) {
    res.setHeader(
      'Set-Cookie',
      stringifySetCookie({
        name: COOKIE,
        value: answer.refreshToken ?? '',
        maxAge: answer.refreshToken === null ? 0 : SESSION_SECONDS,
        path: `${API}/auth`,
        httpOnly: true,
        sameSite: 'strict',
        secure: parts.secureCookie,
      }),
    );
  }
}
