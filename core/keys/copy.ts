import { hash } from 'node:crypto';

/** A member's key, or the tombstone that forgetting left. */
export interface SubjectEntry {
  readonly subject: string;
  readonly keyId: string;
  /** 32 bytes; undefined once it was erased */
  readonly key: Uint8Array | undefined;
  /** seconds since 1970; undefined while there is a key */
  readonly erasedAt: number | undefined;
}

/** Everything in a key store as it is stored, for moving it to another. Opening one makes no secrets. */
export interface KeyEntries {
  /** for messages */
  readonly place: string;
  /** The HMAC secret and the signing keys by their names; none in a new store. @throws Unavailable */
  secrets(): Promise<Readonly<Record<string, string>>>;
  /** In the order of their subjects, after one of them. @throws Unavailable */
  subjects(after: string | undefined, limit: number): Promise<readonly SubjectEntry[]>;
  /** Adds subjects that are missing, and makes a tombstone of a key whose entry is one. @throws Unavailable */
  addSubjects(entries: readonly SubjectEntry[]): Promise<void>;
  /** Adds secrets that are missing. @throws Unavailable */
  addSecrets(secrets: Readonly<Record<string, string>>): Promise<void>;
  close(): Promise<void>;
}

export interface KeyCounts {
  readonly keys: number;
  readonly erased: number;
}

const PAGE = 500;

/**
 * Copies a key store into an empty one, or goes on with a copy that was interrupted, and compares both. The secrets come
 * last: a server does not start on keys without them.
 * @throws Error for the operator if the source is empty, the target holds other keys, or the two differ in the end
 */
export async function copyKeys(source: KeyEntries, target: KeyEntries): Promise<KeyCounts> {
  const secrets = await source.secrets();
  if (Object.keys(secrets).length === 0) throw new Error(`there are no keys in ${source.place}`);
  await requireSameOrNone(secrets, target);
  for await (const page of pagesOf(source)) await target.addSubjects(page);
  const [copied, original] = [await summaryOf(target), await summaryOf(source)];
  if (copied.hash !== original.hash) throw differ(source, target);
  await target.addSecrets(secrets);
  const written = await target.secrets();
  if (Object.entries(secrets).some(([name, value]) => written[name] !== value)) throw differ(source, target);
  return { keys: copied.keys, erased: copied.erased };
}

async function requireSameOrNone(secrets: Readonly<Record<string, string>>, target: KeyEntries): Promise<void> {
  const present = await target.secrets();
  if (Object.entries(present).every(([name, value]) => secrets[name] === value)) return;
  throw new Error(`${target.place} holds the keys of another log, or new ones: name an empty store`);
}

const differ = (source: KeyEntries, target: KeyEntries) =>
  new Error(
    `the keys in ${target.place} are not the same as those in ${source.place}. Stop every server, empty ${target.place}, and copy again`,
  );

async function* pagesOf(entries: KeyEntries): AsyncIterable<readonly SubjectEntry[]> {
  for (let after: string | undefined; ; ) {
    const page = await entries.subjects(after, PAGE);
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    after = page.at(-1)!.subject;
  }
}

/** Of a chain: each entry is hashed together with the hash before it. */
async function summaryOf(entries: KeyEntries): Promise<KeyCounts & { readonly hash: string }> {
  let [chain, keys, erased] = ['', 0, 0];
  for await (const page of pagesOf(entries)) {
    for (const { subject, keyId, key, erasedAt } of page) {
      const text = JSON.stringify([subject, keyId, key && Buffer.from(key).toString('base64'), erasedAt]);
      chain = hash('sha256', chain + text);
      if (key) keys++;
      else erased++;
    }
  }
  return { hash: chain, keys, erased };
}
