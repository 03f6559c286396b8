const PER_VALUE = 8;
const PER_OBJECT = 24;
const PER_TEXT = 16;

/** Approximate memory of a plain JSON value, in bytes. A text that occurs twice is counted twice. */
export function memoryOf(value: unknown): number {
  if (typeof value === 'string') return PER_VALUE + PER_TEXT + value.length;
  if (typeof value !== 'object' || value === null) return PER_VALUE;
  let bytes = PER_OBJECT;
  for (const name in value) bytes += PER_VALUE + memoryOf(value[name as keyof typeof value]);
  return bytes;
}

/**
 * A cache of the most recently put values that fit into `most` bytes of memory. The last one is always kept, whatever
 * its size.
 */
export class Recent<T extends { readonly bytes: number }> {
  readonly #values = new Map<string, T>();
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Removes a value, and returns it if it was there. */
  take(name: string): T | undefined {
    const value = this.#values.get(name);
    this.#values.delete(name);
    this.#bytes -= value?.bytes ?? 0;
    return value;
  }

  /** @param value must keep its size until it is removed */
  put(name: string, value: T): void {
    this.take(name);
    this.#values.set(name, value);
    this.#bytes += value.bytes;
    for (const oldest of this.#values.keys()) {
      if (this.#bytes <= this.#most || oldest === name) return;
      this.take(oldest);
    }
  }
}
