/**
 * Most ids kept with the revision of their first fact. The HTTP contract promises the last 2,000 commands of a fridge.
 */
const NEWEST = 2000;
/** 256 KiB. One in 1,700 new ids is taken for an older one after 100,000 commands, one in 120 after 200,000. */
const FILTER_BITS = 2 ** 21;
const PROBES = 5;
/** memory of an entry with an id of 64 characters */
const PER_ID = 160;

/**
 * The command ids of one stream, in bounded memory: the newest ones, and a Bloom filter of all older ones. An unknown
 * id is new. One that may be older must be looked up in the stream.
 */
export class CommandIds {
  readonly #newest = new Map<string, number>();
  readonly #most: number;
  #older: Uint32Array | undefined;

  constructor(most = NEWEST) {
    this.#most = most;
  }

  /** approximate memory, in bytes */
  get bytes(): number {
    return this.#newest.size * PER_ID + (this.#older?.byteLength ?? 0);
  }

  /** A command keeps the revision of its first fact. */
  add(id: string, revision: number): void {
    if (this.#newest.has(id)) return;
    this.#newest.set(id, revision);
    if (this.#newest.size <= this.#most) return;
    const [oldest] = this.#newest.keys();
    this.#newest.delete(oldest!);
    this.#older ??= new Uint32Array(FILTER_BITS / 32);
    for (const bit of bitsOf(oldest!)) this.#older[bit >>> 5]! |= 1 << (bit & 31);
  }

  /** The revision of a command's first fact; `older`: it may be in the stream; undefined: it is not. */
  find(id: string): number | 'older' | undefined {
    const revision = this.#newest.get(id);
    if (revision !== undefined) return revision;
    const older = this.#older;
    return older && bitsOf(id).every(bit => older[bit >>> 5]! & (1 << (bit & 31))) ? 'older' : undefined;
  }
}

/** Any number of bits from two FNV-1a hashes (Kirsch and Mitzenmacher, 2006). */
function bitsOf(id: string): number[] {
  let [one, two] = [0x811c9dc5, 0x9747b28c];
  for (let i = 0; i < id.length; i++) {
    one = Math.imul(one ^ id.charCodeAt(i), 0x01000193);
    two = Math.imul(two ^ id.charCodeAt(i), 0x01000193) ^ (two >>> 15);
  }
  return Array.from({ length: PROBES }, (_, n) => ((one + n * (two | 1)) >>> 0) % FILTER_BITS);
}
