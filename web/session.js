import { command, onSessionEnd, refresh, send, useAccessToken } from './api.js';
import { Problem } from './problem.js';
import { language } from './texts.js';

/** The member logged in on this device. */

/** @typedef {{ memberId: string, email?: string, nickname?: string }} Member */

const KEPT = 'zipbob.session';

/** @type {Member | undefined} */
let current;

export const member = () => current;
/** Whether a member ever logged in here. Such a device shows the log-in form, a new one the registration. */
export const isKnownDevice = () => localStorage.getItem(KEPT) !== null;

/** @param {{ member: Member, accessToken: string }} answer */
function begin({ member: who, accessToken }) {
  useAccessToken(accessToken);
  current = who;
  localStorage.setItem(KEPT, 'open');
}

function forget() {
  useAccessToken(undefined);
  current = undefined;
  localStorage.setItem(KEPT, 'ended');
}

/** @param {{ email: string, password: string, nickname: string }} account */
export async function register(account) {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  begin((await command('POST', '/auth/register', { ...account, language: language(), timeZone })).body);
}

/** @param {{ email: string, password: string }} account */
export async function login(account) {
  begin((await send('POST', '/auth/login', account)).body);
}

/** Restores the session after a reload, if there is a cookie. */
export async function restore() {
  if (localStorage.getItem(KEPT) !== 'open') return;
  current = (await refresh()).member;
}

/** Stays logged in if the server cannot be reached, because its cookie would still be valid. */
export async function logout() {
  await command('POST', '/auth/logout', {}).catch(error => {
    if (!(error instanceof Problem) || error.status !== 401) throw error;
  });
  forget();
}

/** @param {() => void} listener called when the session ends without a logout here */
export function whenEnded(listener) {
  onSessionEnd(() => {
    const wasOpen = current !== undefined;
    forget();
    if (wasOpen) listener();
  });
}
