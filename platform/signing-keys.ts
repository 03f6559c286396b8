import { createPublicKey, type KeyObject } from 'node:crypto';
import type { KeyStore, SigningKey } from '../core/keys/port.ts';
import { pause } from '../core/pause.ts';

/** How long after a rotation a node may still sign with the previous key, or accept a dropped one. */
export const SIGNED_LATE_MS = 60_000;
/** Tokens with unknown keys cost the key store one read in this time, however many there are. */
const READ_EVERY_MS = 1000;

/**
 * The signing keys known to this node. It rereads them once a minute, and for tokens with an unknown key id at most
 * once a second; such tokens share that read.
 */
export class KnownSigningKeys {
  readonly #keys: KeyStore;
  readonly #now: () => number;
  #current: SigningKey | undefined;
  /** parsed from PEM once */
  #public: ReadonlyMap<string, KeyObject> = new Map();
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;
  /** the next read for unknown key ids, before it begins */
  #next: Promise<void> | undefined;

  /** @param now a monotonic clock in ms */
  constructor(keys: KeyStore, now: () => number = () => performance.now()) {
    this.#keys = keys;
    this.#now = now;
  }

  /** The key for new tokens. @throws Unavailable */
  async current(): Promise<SigningKey> {
    await this.#freshen();
    return this.#current!;
  }

  /** The public key of this id; undefined if no node uses it. @throws Unavailable */
  async publicKey(kid: string): Promise<KeyObject | undefined> {
    const start = this.#now();
    await this.#freshen();
    if (!this.#public.has(kid) && this.#readAt <= start) {
      this.#next ??= this.#readLater();
      await this.#next;
    }
    return this.#public.get(kid);
  }

  /** While the key store is away, known keys stay in use. @throws Unavailable if there are none */
  async #freshen(): Promise<void> {
    if (this.#current && this.#now() - this.#readAt < SIGNED_LATE_MS) return;
    await this.#read().catch((error: unknown) => {
      if (!this.#current) throw error;
    });
  }

  async #readLater(): Promise<void> {
    await pause(Math.max(0, this.#readAt + READ_EVERY_MS - this.#now()));
    this.#next = undefined; // a key created during this read is found by the next one
    await this.#reading?.catch(() => {});
    await this.#read();
  }

  #read(): Promise<void> {
    this.#reading ??= this.#load().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #load(): Promise<void> {
    this.#readAt = this.#now();
    const { current, retired } = await this.#keys.signingKeys();
    const before = this.#public;
    const known = [current, ...retired].map(
      ({ kid, publicKey }) => [kid, before.get(kid) ?? createPublicKey(publicKey)] as const,
    );
    this.#public = new Map(known);
    this.#current = current;
  }
}
