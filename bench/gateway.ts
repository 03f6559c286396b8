import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { newcomer } from '../test/support/client.ts';
import { alternate, type Figure, figure, ROOT, report, scratch, timed } from './harness.ts';

/**
 * Authenticated GETs a second over real HTTP, against moleculer-web with an action that does nothing, in the same run and
 * by the same clients. `--root DIR` measures the program of another checkout.
 */
const CONNECTIONS = 32;
const REQUESTS = { empty: 30_000, me: 10_000, list: 5000 } as const;
const WARM_UP = 3000;
const ITEMS = 10;
/** of the clock that /proc counts processor time by */
const TICKS_A_SECOND = 100;
/** `utime` in /proc/PID/stat, counted after the command's name */
const UTIME = 11;

const { startZipBob } = (await import(
  join(ROOT ?? join(import.meta.dirname, '..'), 'test/support/zipbob.ts')
)) as typeof import('../test/support/zipbob.ts');

interface Target {
  readonly url: string;
  readonly path: string;
  readonly token?: string | undefined;
  readonly pid: number;
}

/** One connection: requests one after the other, until `next` says no. @throws Error for an answer that is not 200 */
async function lane({ url, path, token }: Target, next: () => boolean): Promise<void> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname).setNoDelay(true);
  const lines = [`GET ${path} HTTP/1.1`, 'Host: x', ...(token ? [`Authorization: Bearer ${token}`] : []), '', ''];
  const request = lines.join('\r\n');
  let left = -1;
  let seen = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    seen += chunk;
    if (left < 0) {
      const end = seen.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = /content-length: (\d+)/i.exec(seen)?.[1];
      if (!seen.startsWith('HTTP/1.1 200') || length === undefined) {
        socket.destroy(new Error(`no answer to count: ${seen}`));
        return;
      }
      left = end + 4 + Number(length);
    }
    if (seen.length < left) return;
    [left, seen] = [-1, ''];
    if (next()) socket.write(request);
    else socket.end();
  });
  if (next()) socket.write(request);
  await once(socket, 'close');
}

/** Milliseconds of processor time that a process has taken, in all its threads. */
function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  const [user, system] = fields.slice(UTIME, UTIME + 2).map(Number);
  return ((user! + system!) * 1000) / TICKS_A_SECOND;
}

/** What many requests take, in ms, and what the server's processor does for them. */
async function load(target: Target, requests: number): Promise<{ perSecond: number; cpuMicros: number }> {
  let begun = 0;
  const next = () => begun++ < requests;
  const before = processorTime(target.pid);
  const ms = await timed(() => Promise.all(Array.from({ length: CONNECTIONS }, () => lane(target, next))));
  return { perSecond: requests / (ms / 1000), cpuMicros: ((processorTime(target.pid) - before) * 1000) / requests };
}

async function startBare(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'gateway-bare.child.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  const [url] = (await once(createInterface(child.stdout!), 'line')) as [string];
  return { child, url };
}

export async function gateway(): Promise<Figure[]> {
  const bare = await startBare();
  const server = await startZipBob(scratch());
  try {
    const { client, fridgeId } = await newcomer(server.url);
    const list = `/fridges/${fridgeId}/ingredients`;
    const items = Array.from({ length: ITEMS }, (_, n) => ({ name: `재료 ${n}`, dueDate: `2027-01-${10 + n}` }));
    const stored = await client.post(list, { items });
    const shown = await client.get(list, { 'Wait-For-Position': stored.headers.get('position')! });
    if (shown.body.items?.length !== ITEMS) throw new Error(`${shown.status} instead of ${ITEMS} ingredients`);
    const ours = { url: server.url, token: client.token, pid: server.process.pid! };
    const targets = {
      empty: { url: bare.url, path: '/empty', pid: bare.child.pid! },
      me: { ...ours, path: '/api/v1/members/me' },
      list: { ...ours, path: `/api/v1${list}` },
    };
    for (const target of Object.values(targets)) await load(target, WARM_UP);
    const {
      empty,
      me,
      list: listed,
    } = await alternate({
      empty: () => load(targets.empty, REQUESTS.empty),
      me: () => load(targets.me, REQUESTS.me),
      list: () => load(targets.list, REQUESTS.list),
    });
    const speed = (rounds: typeof empty) => rounds.map(({ perSecond }) => perSecond);
    const cpu = (rounds: typeof empty) => rounds.map(({ cpuMicros }) => cpuMicros);
    const base = 'empty action of moleculer-web';
    return [
      figure(`GET /members/me / ${base}`, '1/s', speed(me), speed(empty), { least: 0.2 }),
      figure(`list of ${ITEMS} / ${base}`, '1/s', speed(listed), speed(empty), { least: 0.1 }),
      figure(`processor time, GET /members/me / ${base}`, 'us', cpu(me), cpu(empty)),
      figure(`processor time, list of ${ITEMS} / ${base}`, 'us', cpu(listed), cpu(empty)),
    ];
  } finally {
    await server.stop();
    bare.child.kill('SIGTERM');
  }
}

if (import.meta.main) report(await gateway());
