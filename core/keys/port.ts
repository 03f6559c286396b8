import type { SubjectKeys } from '../sealed.ts';

/** A key that checks access tokens: the PEM text of an ECDSA P-256 public key. */
export interface VerifyingKey {
  readonly kid: string;
  readonly publicKey: string;
}

/** A key that signs access tokens, with the private half of its pair as PEM text. */
export interface SigningKey extends VerifyingKey {
  readonly privateKey: string;
}

export interface SigningKeys {
  /** signs all new tokens */
  readonly current: SigningKey;
  /** Keys that were rotated out, the newest first. They still check tokens; their private halves are gone. */
  readonly retired: readonly VerifyingKey[];
}

/** Everything secret that must outlive a restart, kept apart from the log and out of its backups. */
export interface KeyStore extends SubjectKeys {
  /** stands in LogOpened: tells whether these keys and that log belong together */
  readonly identity: string;
  /** names what must not be held in plain, such as an e-mail's stream; never rotated */
  readonly hmacSecret: Uint8Array;
  /** The signing keys as they are in the store now, whichever node has rotated them. @throws Unavailable */
  signingKeys(): Promise<SigningKeys>;
  /**
   * Puts a fresh signing key in the place of the current one. All keys before it check tokens for another `keepMs`
   * milliseconds at most, by the store's clock; 0: no longer at all.
   * @returns the id of the new key
   * @throws Unavailable, and then the key may have been rotated
   */
  rotateSigningKey(keepMs: number): Promise<string>;
  /** whether any subject ever had a key here: then there was a log that needed it */
  inUse(): Promise<boolean>;
  close(): Promise<void>;
}
