const WINDOW_MS = 60_000;
/** Lines of one kind in a window. */
const MOST = 20;
/** Distinct kinds in a window; further ones count as one kind. */
const MOST_KINDS = 500;
const KIND_LENGTH = 160;

/** Words with a digit (ids, numbers, traces) differ from line to line; the other words identify the kind. */
const kindOf = (line: string): string =>
  line
    .slice(0, KIND_LENGTH)
    .split(' ')
    .map(word => (/\d/.test(word) ? '#' : word))
    .join(' ');

/** Passes a limited number of lines of one kind per minute, then reports how many it omitted. */
export class LineLimit {
  readonly #counts = new Map<string, number>();
  readonly #write: (line: string) => void;

  /** @param write receives the line with the number of omitted lines */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  /** Whether a line may be written. @param line without its time */
  allows(line: string): boolean {
    const known = kindOf(line);
    const kind = this.#counts.has(known) || this.#counts.size < MOST_KINDS ? known : '';
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    if (this.#counts.size === 1 && count === 1) setTimeout(() => this.#endWindow(), WINDOW_MS).unref();
    return count <= MOST;
  }

  #endWindow(): void {
    const counts = [...this.#counts];
    this.#counts.clear();
    for (const [kind, count] of counts) {
      if (count > MOST) this.#write(`${count - MOST} more lines like this were left out in a minute: ${kind}`);
    }
  }
}
