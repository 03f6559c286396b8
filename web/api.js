import { Offline, Problem } from './problem.js';
import { language } from './texts.js';

/**
 * Calls of the HTTP contract. The access token is kept only here; the refresh cookie belongs to the browser.
 * @typedef {{ ifMatch?: number }} CommandOptions
 * @typedef {{ location?: string, body: any }} Answer
 */

const BASE = '/api/v1';
const PATIENCE_MS = 20_000;
/** Pauses before the retries of a call. */
const PAUSES_MS = [400, 1500];

/** @type {string | undefined} */
let accessToken;
/** @type {string | undefined} the position of our last command */
let position;
/** @type {() => void} */
let sessionEnded = () => {};
/** Keys of unanswered commands, so that repeating a click has no second effect. @type {Map<string, string>} */
const unanswered = new Map();

/** @param {string | undefined} token */
export function useAccessToken(token) {
  accessToken = token;
}

/** @param {() => void} listener */
export function onSessionEnd(listener) {
  sessionEnded = listener;
}

/** Browsers have `randomUUID()` only on HTTPS and localhost, and a household's server is often on neither. */
export function newKey() {
  if (crypto.randomUUID) return crypto.randomUUID();
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Reads a view that includes our own last command.
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

/** After a fresh read of the fridge a click is a new command, not a repeat. */
export const forgetUnanswered = () => unanswered.clear();

/**
 * Sends a command under one idempotency key until it is answered.
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

/** Retries after a lost connection or a 503. @param {() => Promise<Answer>} call */
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

/** Start time of a pending refresh; a page that was closed in the meantime cannot clear it. */
const REFRESHING = 'zipbob.refreshing';
const SETTLED_MS = 2000;

/** @type {Promise<any> | undefined} */
let refreshing;

/**
 * A new access token for the cookie. A cookie can be used once, so tabs must take turns: a second use of it
 * ends the session everywhere.
 * @returns {Promise<any>} the server's answer, with the session's member
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

/** The request has keepalive, because its cookie must arrive even if the page is reloaded in the meantime. */
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
 * One request, without retries.
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
