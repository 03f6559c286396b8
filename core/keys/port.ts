import type { SubjectKeys } from '../sealed.ts';

/** A key that signs access tokens: PEM texts of an ECDSA P-256 pair. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Every secret that must survive a restart, kept apart from the log and its backups. */
export interface KeyStore extends SubjectKeys {
  /** 64 hex digits, also in LogOpened: shows whether these keys and that log belong together */
  readonly identity: string;
  /** derives names that must not be stored in plain, such as an e-mail's stream; never rotated */
  readonly hmacSecret: Uint8Array;
  /** newest first: it signs new tokens; all of them verify tokens */
  readonly signingKeys: readonly SigningKey[];
  /**
   * Resolves with true if any subject ever had a key here, erased or not: then a log exists that needs this store.
   * @throws Unavailable if the store does not answer in time
   */
  inUse(): Promise<boolean>;
  /** Releases all resources and removes cached keys from memory. A second call does nothing. */
  close(): Promise<void>;
}
