import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';

/** A personal value in the log, readable only with its subject's key. It is copied unchanged and never sealed again. */
export interface Sealed {
  readonly v: 1;
  readonly subject: string;
  readonly keyId: string;
  /** base64: 12 random bytes */
  readonly iv: string;
  /** base64: AES-256-GCM of the JSON value, its 16-byte tag at the end */
  readonly text: string;
}

export interface SubjectKey {
  readonly keyId: string;
  /** 32 bytes */
  readonly key: Uint8Array;
}

/**
 * One key per subject (a member). `undefined`: there is none, or it is unknown; `'erased'`: a tombstone that no new key
 * replaces.
 */
export interface SubjectKeys {
  keyFor(subject: string): Promise<SubjectKey | 'erased' | undefined>;
  /** Creates the key if there is none. Resolves once it is durable. @throws Refused `erased` for a tombstone */
  ensure(subject: string): Promise<SubjectKey>;
  forget(subject: string): Promise<void>;
}

const TAG_BYTES = 16;
// The envelope is bound to its subject and field, so it cannot be shown in another place.
const boundTo = (subject: string, field: string) => Buffer.from(JSON.stringify([subject, field]));

/**
 * A key object is made once per key, which takes five times as long as opening an envelope. It is garbage-collected
 * with the bytes.
 */
const secrets = new WeakMap<Uint8Array, KeyObject>();

function secretOf({ key }: SubjectKey): KeyObject {
  const secret = secrets.get(key) ?? createSecretKey(key);
  secrets.set(key, secret);
  return secret;
}

/** Seals any JSON value for a subject. `field` is its stored name, which is needed to open it. */
export function seal(key: SubjectKey, subject: string, field: string, value: unknown): Sealed {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', secretOf(key), iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(boundTo(subject, field));
  const text = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return { v: 1, subject, keyId: key.keyId, iv: iv.toString('base64'), text: text.toString('base64') };
}

/** @throws Error if the key, the subject or the field is not the one of the sealing */
export function open<T>(key: SubjectKey, field: string, sealed: Sealed): T {
  if (sealed.keyId !== key.keyId) throw new Error(`sealed with key ${sealed.keyId}, not ${key.keyId}`);
  const text = Buffer.from(sealed.text, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', secretOf(key), Buffer.from(sealed.iv, 'base64'), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(boundTo(sealed.subject, field));
  decipher.setAuthTag(text.subarray(-TAG_BYTES));
  const plain = Buffer.concat([decipher.update(text.subarray(0, -TAG_BYTES)), decipher.final()]);
  return JSON.parse(plain.toString('utf8')) as T;
}

/** Whether a value is an envelope, of `subject` if given. */
export function isSealed(value: unknown, subject?: string): value is Sealed {
  const envelope = value as Sealed | null;
  if (typeof value !== 'object' || envelope?.v !== 1 || !(envelope.keyId && envelope.iv && envelope.text)) return false;
  return subject === undefined || envelope.subject === subject;
}
