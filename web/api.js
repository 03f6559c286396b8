import { Offline, Problem } from './problem.js';
import { language } from './texts.js';

/**
 * Calls of the HTTP contract. The access token lives here and nowhere else; the refresh cookie is the browser's.
 * @typedef {{ ifMatch?: number }} CommandOptions
 * @typedef {{ location?: string, body: any }} Answer
 */

const BASE = '/api/v1';
const PATIENCE_MS = 20_000;
/** How long to wait before the same call is sent again. */
const PAUSES_MS = [400, 1500];

/** @type {string | undefined} */
let accessToken;
/** @type {string | undefined} where the log stood after our last command */
let position;
/** @type {() => void} */
let sessionEnded = () => {};
/** Keys of commands that nobody answered: the same click again must not be done twice. @type {Map<string, string>} */
const unanswered = new Map();

/** @param {string | undefined} token */
export function useAccessToken(token) {
  accessToken = token;
}

/** @param {() => void} listener */
export function onSessionEnd(listener) {
  sessionEnded = listener;
}

/** Not `randomUUID()` alone: browsers have it only on HTTPS and localhost, and kitchens are on neither. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * A read that has seen our own last command.
 * @param {string} path
 * @returns {Promise<any>}
 */
export async function get(path) {
  const ask = () => authorized('GET', path, undefined, position ? { 'Wait-For-Position': position } : {});
  const { body } = await again(ask).catch(error => {
    if (!(error instanceof Problem) || error.code !== 'position-unknown') throw error;
    position = undefined; // the server has another log now
    return again(ask);
  });
  return body;
}

/** The household's shelves were seen anew: whatever is clicked from now on is meant anew. */
export const forgetUnanswered = () => unanswered.clear();

/**
 * A command, sent under one key until it is answered.
 * @param {'POST' | 'PATCH'} method
 * @param {string} path
 * @param {object} body
 * @param {CommandOptions} [options]
 * @returns {Promise<Answer>}
 */
export async function command(method, path, body, { ifMatch } = {}) {
  const click = `${method} ${path} ${JSON.stringify(body)}`;
  const key = unanswered.get(click) ?? newKey();
  unanswered.set(click, key);
  const headers = { 'Idempotency-Key': key, ...(ifMatch !== undefined && { 'If-Match': `"${ifMatch}"` }) };
  try {
    const answer = await again(() => authorized(method, path, body, headers));
    unanswered.delete(click);
    return answer;
  } catch (error) {
    if (error instanceof Problem && error.status < 500) unanswered.delete(click);
    throw error;
  }
}

/** @param {number} ms */
const wait = ms => new Promise(resolve => setTimeout(resolve, ms));

/** Once more after a lost connection, or where the server asks for patience. @param {() => Promise<Answer>} call */
async function again(call) {
  for (const pause of PAUSES_MS) {
    try {
      return await call();
    } catch (error) {
      const passes = error instanceof Offline || (error instanceof Problem && error.status === 503);
      if (!passes) throw error;
      await wait(pause);
    }
  }
  return call();
}

/**
 * @param {string} method @param {string} path @param {object | undefined} body
 * @param {Record<string, string>} headers
 */
async function authorized(method, path, body, headers) {
  const used = accessToken;
  try {
    return await send(method, path, body, { ...headers, Authorization: `Bearer ${used}` });
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
    if (error.code === 'token-expired') await refresh();
    else if (used === accessToken) {
      end();
      throw error;
    }
    return send(method, path, body, { ...headers, Authorization: `Bearer ${accessToken}` });
  }
}

/** Since when a refresh is under way; a page that was left meanwhile cannot say that it is over. */
const REFRESHING = 'zipbob.refreshing';
const SETTLED_MS = 2000;

/** @type {Promise<any> | undefined} */
let refreshing;

/**
 * A new access token for the cookie. A cookie is good for one use, so that tabs must take turns: a second use of it
 * ends the session everywhere.
 * @returns {Promise<any>} what the server says of the session
 */
export function refresh() {
  refreshing ??= (navigator.locks ? navigator.locks.request('zipbob-refresh', renew) : renew())
    .then(({ body }) => {
      accessToken = body.accessToken;
      return body;
    })
    .catch(error => {
      if (error instanceof Problem && error.status === 401) end();
      throw error;
    })
    .finally(() => {
      refreshing = undefined;
    });
  return refreshing;
}

/** Kept alive: its cookie must arrive even where the page is reloaded meanwhile. */
async function renew() {
  await wait(Number(localStorage.getItem(REFRESHING)) + SETTLED_MS - Date.now());
  localStorage.setItem(REFRESHING, String(Date.now()));
  const settled = () => localStorage.removeItem(REFRESHING);
  try {
    const answer = await send('POST', '/auth/refresh', {}, {}, { keepalive: true });
    settled();
    return answer;
  } catch (error) {
    if (error instanceof Problem) settled();
    throw error;
  }
}

function end() {
  accessToken = undefined;
  sessionEnded();
}

/**
 * One request, without any second thoughts.
 * @param {string} method @param {string} path @param {object | undefined} body
 * @param {Record<string, string>} [headers] @param {RequestInit} [init]
 * @returns {Promise<Answer>}
 */
export async function send(method, path, body, headers = {}, init = {}) {
  const response = await fetch(BASE + path, {
    ...init,
    method,
    headers: {
      'Accept-Language': language(),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  }).catch(error => {
    throw new Offline(error.message);
  });
  const isJson = response.headers.get('Content-Type')?.includes('json');
  const content = await (isJson ? response.json() : response.text()).catch(error => {
    throw new Offline(error.message);
  });
  if (!response.ok) {
    throw new Problem(response.status, isJson ? content : { traceId: response.headers.get('Trace-Id') });
  }
  position = response.headers.get('Position') ?? position;
  const location = response.headers.get('Location')?.replace(BASE, '');
  return { body: content, ...(location && { location }) };
}
