import type { SubjectKeys } from '../sealed.ts';

/** A key that signs access tokens: PEM texts of an ECDSA P-256 pair. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Everything secret that must outlive a restart, kept apart from the log and out of its backups. */
export interface KeyStore extends SubjectKeys {
  /** stands in LogOpened: tells whether these keys and that log belong together */
  readonly identity: string;
  /** names what must not be held in plain, such as an e-mail's stream; never rotated */
  readonly hmacSecret: Uint8Array;
  /** the newest first; tokens are signed with it and checked with all */
  readonly signingKeys: readonly SigningKey[];
  /** whether any subject ever had a key here: then there was a log that needed it */
  inUse(): Promise<boolean>;
  close(): Promise<void>;
}
