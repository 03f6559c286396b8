import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Client, newcomer } from '../test/support/client.ts';
import { benchNames, discard, ROOT, scratch, spread } from './harness.ts';

/**
 * What single clients can cost the others: for each attack, on a server of its own, the longest time that `GET /livez`
 * waited while it lasted, and the most memory that the process ever had; beside a server that nobody attacks.
 * `--root DIR` attacks the program of another checkout; names of attacks choose some.
 */
type Attack = (url: string, attacker: Attacker) => Promise<void>;
interface Attacker {
  readonly client: Client;
  readonly fridgeId: string;
}

const IDLE_MS = 5000;
/** A stalled reader may stay for 30 s; what it costs shows sooner. */
const STALL_MS = 10_000;
const LIMIT_MS = 120_000;
const EVERY_MS = 10;

const { startZipBob } = (await import(
  join(ROOT ?? join(import.meta.dirname, '..'), 'test/support/zipbob.ts')
)) as typeof import('../test/support/zipbob.ts');

/** Sends requests and never reads what comes. */
function deaf(url: string, text: string): Socket {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.write(text);
  return socket;
}

async function stalled(sockets: readonly Socket[]): Promise<void> {
  await setTimeout(STALL_MS);
  for (const socket of sockets) socket.destroy();
}

const get = (path: string, headers: readonly string[] = []) =>
  [`GET ${path} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n');

/** Stores in a fridge of the attacker's; refusals are answers too. */
const store = ({ client, fridgeId }: Attacker, items: readonly object[]) =>
  client.post(`/fridges/${fridgeId}/ingredients`, { items });

const ingredients = (count: number): object[][] => {
  const lots = Math.ceil(count / 200);
  return Array.from({ length: lots }, (_, lot) =>
    Array.from({ length: 200 }, (_, n) => ({ name: `thing ${lot * 200 + n}`, amount: 1, unit: 'piece' })),
  );
};

const attacks: Record<string, Attack> = {
  nothing: () => setTimeout(IDLE_MS),

  /** six connections with 1,666 requests each for the largest anonymous answer */
  pipelining: url => stalled(Array.from({ length: 6 }, () => deaf(url, get('/openapi.json').repeat(1666)))),

  /** two hundred connections, each with one answer that is never read */
  'stalled readers': async (url, attacker) => {
    for (const items of ingredients(400)) await store(attacker, items);
    const list = `/api/v1/fridges/${attacker.fridgeId}/ingredients?limit=100`;
    const request = get(list, [`Authorization: Bearer ${attacker.client.token}`]);
    await stalled(Array.from({ length: 200 }, () => deaf(url, request.repeat(100))));
  },

  /** the longest name, of as many words as fit, in as many items as a command takes */
  'names of many words': async (_url, attacker) => {
    const name = '1 '.repeat(100).trim();
    await store(
      attacker,
      Array.from({ length: 200 }, () => ({ name })),
    );
  },

  /** notes of combining marks, in six requests at once */
  'combining marks': async (_url, attacker) => {
    // above and below in turn: to be sorted
    const note = '\u0301\u0323'.repeat(20_000).slice(1);
    await Promise.all(Array.from({ length: 6 }, () => store(attacker, [{ name: 'egg', note }])));
  },

  /** pages of one from a full fridge, ten at once */
  'pages of a full fridge': async (_url, attacker) => {
    for (const items of ingredients(5000)) await store(attacker, items);
    const page = () => attacker.client.get(`/fridges/${attacker.fridgeId}/ingredients?limit=1`);
    await spread(Array.from({ length: 100 }), 10, page);
  },
};

const peakMb = (pid: number): number => {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
  } catch {
    return Number.NaN; // it is dead
  }
};

/** Asks whether the server lives, again and again; the longest time that this took, in milliseconds. */
async function longestWait(url: string, { signal }: AbortController): Promise<number> {
  let longest = 0;
  for (let start = performance.now(); ; ) {
    try {
      // A new connection each time: an old one may be closed while the server is busy, which is no answer.
      await (await fetch(`${url}/livez`, { headers: { Connection: 'close' } })).text();
      longest = Math.max(longest, performance.now() - start);
      if (signal.aborted) return longest;
      await setTimeout(EVERY_MS);
      start = performance.now();
    } catch {
      if (performance.now() - start > LIMIT_MS) return Number.POSITIVE_INFINITY;
      await setTimeout(EVERY_MS);
    }
  }
}

/** As long as an attack lasts, and until the server answers again. */
async function watched(attack: Attack) {
  const folder = scratch();
  const server = await startZipBob(folder, { NODE_OPTIONS: '--max-old-space-size=1024' });
  const done = new AbortController();
  try {
    const attacker = await newcomer(server.url);
    const waits = longestWait(server.url, done);
    await Promise.race([attack(server.url, attacker), setTimeout(LIMIT_MS, undefined, { ref: false })]).catch(() => {});
    done.abort();
    const ms = await waits;
    return { ms, mb: peakMb(server.process.pid!) };
  } finally {
    await server.kill();
    discard(folder);
  }
}

const chosen = benchNames.length > 0 ? benchNames : Object.keys(attacks);
console.log(`| attack on ${ROOT ?? 'this checkout'} | longest wait for /livez, ms | most memory, MB |\n|---|--:|--:|`);
for (const name of chosen) {
  const { ms, mb } = await watched(attacks[name]!);
  const memory = Number.isNaN(mb) ? 'it died' : Math.round(mb);
  console.log(`| ${name} | ${Number.isFinite(ms) ? Math.round(ms) : 'no answer'} | ${memory} |`);
}
process.disconnect?.();
