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

/** Every secret that must survive a restart, kept apart from the log and its backups. */
export interface KeyStore extends SubjectKeys {
  /** 64 hex digits, also in LogOpened: shows whether these keys and that log belong together */
  readonly identity: string;
  /** derives names that must not be stored in plain, such as an e-mail's stream; never rotated */
  readonly hmacSecret: Uint8Array;
  /**
   * Resolves with the signing keys in the store now, whichever node rotated them.
   * @throws Unavailable if the store does not answer in time
   */
  signingKeys(): Promise<SigningKeys>;
  /**
   * Replaces the current signing key by a fresh one. All earlier keys check tokens for at most another `keepMs`
   * milliseconds, by the store's clock; 0: no longer at all. Resolves with the id of the new key.
   * @throws Unavailable if the store does not answer in time; the key may have been rotated
   */
  rotateSigningKey(keepMs: number): Promise<string>;
  /**
   * Resolves with true if any subject ever had a key here, erased or not: then a log exists that needs this store.
   * @throws Unavailable if the store does not answer in time
   */
  inUse(): Promise<boolean>;
  /** Releases all resources and removes cached keys from memory. A second call does nothing. */
  close(): Promise<void>;
}
