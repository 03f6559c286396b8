import { setTimeout } from 'node:timers/promises';
import { isAway, Unavailable } from '../core/errors.ts';
import type { KeyValue } from '../core/key-value/port.ts';

/** How often a gateway reads the list of revocations. */
const EVERY_MS = 5000;
/** Most retries if other nodes write the list at the same time. */
const ATTEMPTS = 50;
const LIST = 'revocations';

const key = (sessionId: string) => `revoked:${sessionId}`;

/** The session store's time in milliseconds, and its identity. */
export interface StoreState {
  readonly now: number;
  readonly identity: string;
}

/**
 * Sessions whose access tokens are refused. Each is an entry of the session store, read with each token, and part of a
 * list, of which this node keeps a copy. While the store is away, the copy decides.
 */
export class Revocations {
  readonly #keyValue: KeyValue;
  #state: (StoreState & { readonly readAt: number }) | undefined;
  /** end of the revocation by session */
  #copy: ReadonlyMap<string, number> | undefined;

  constructor(keyValue: KeyValue) {
    this.#keyValue = keyValue;
  }

  /** @throws Unavailable while the store is away and was never read */
  async state(): Promise<StoreState> {
    try {
      const [now, identity] = await Promise.all([this.#keyValue.now(), this.#keyValue.identity()]);
      this.#state = { now, identity, readAt: performance.now() };
      return this.#state;
    } catch (error) {
      if (!isAway(error) || !this.#state) throw error;
      const { now, identity, readAt } = this.#state;
      return { now: now + Math.floor(performance.now() - readAt), identity };
    }
  }

  /** @throws Unavailable while the store is away and the list was never read */
  async has(sessionId: string): Promise<boolean> {
    try {
      return (await this.#keyValue.get(key(sessionId))) !== undefined;
    } catch (error) {
      if (!isAway(error) || !this.#copy) throw error;
      return this.#copy.has(sessionId);
    }
  }

  /** @throws Unavailable */
  async add(sessionId: string, seconds: number): Promise<void> {
    await this.#keyValue.set(key(sessionId), '1', seconds);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const now = await this.#keyValue.now();
      const before = await this.#keyValue.get(LIST);
      const lasting = [...parsed(before)].filter(([, until]) => until > now);
      const next = new Map(lasting).set(sessionId, now + seconds * 1000);
      if (await this.#keyValue.replace(LIST, before, JSON.stringify([...next]), seconds)) {
        this.#copy = next;
        return;
      }
    }
    throw new Unavailable('too many sessions end at the same moment');
  }

  /** @throws Unavailable */
  async load(): Promise<void> {
    this.#copy = parsed(await this.#keyValue.get(LIST));
    await this.state();
  }

  /** Keeps the copy up to date until `signal`. While the store is away, the copy stays as it is. */
  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await setTimeout(EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
      if (!signal.aborted) await this.load().catch(() => {});
    }
  }
}

const parsed = (list: string | undefined): Map<string, number> => new Map(list && JSON.parse(list));

const known = new WeakMap<KeyValue, Revocations>();

/** The revocations of a session store, with this process's one copy. */
export function revocationsOf(keyValue: KeyValue): Revocations {
  const revocations = known.get(keyValue) ?? new Revocations(keyValue);
  known.set(keyValue, revocations);
  return revocations;
}
