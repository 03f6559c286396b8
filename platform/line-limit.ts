const WINDOW_MS = 60_000;
/** Lines of one kind in a window. */
const MOST = 20;
/** Kinds that are told apart in a window; what comes beyond them is one kind. */
const MOST_KINDS = 500;
const KIND_LENGTH = 160;

/** Words with a digit (ids, numbers, traces) differ from line to line; the others tell the kind. */
const kindOf = (line: string): string =>
  line
    .slice(0, KIND_LENGTH)
    .split(' ')
    .map(word => (/\d/.test(word) ? '#' : word))
    .join(' ');

/** Passes on so many lines of one kind a minute, and then says how many it has left out. */
export class LineLimit {
  readonly #counts = new Map<string, number>();
  readonly #write: (line: string) => void;

  /** @param write is given the line that says how many were left out */
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
