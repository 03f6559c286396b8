import assert from 'node:assert/strict';

/**
 * Maps recorded positions to those of the replayed log. Positions are compared by equality and order; within a scenario
 * also by distance, because the stand-in's records are as long as the real server's.
 */
export class Places {
  readonly #pairs = new Map<number, number>([[0, 0]]);
  /** shift of the current scenario, from its first position on */
  #shift: { from: number; by: number } | undefined;

  /** Steps left out before a scenario make all its positions smaller by the same amount. */
  beginScenario(): void {
    this.#shift = undefined;
  }

  /** @throws AssertionError if the two cannot be the same place */
  pair(recorded: number, actual: number): void {
    const known = this.#pairs.get(recorded);
    if (known !== undefined) {
      assert.equal(actual, known, `position ${recorded} was ${known}, now ${actual}`);
      return;
    }
    for (const [before, place] of this.#pairs) {
      assert.equal(actual > place, recorded > before, `${recorded} is ${actual}, but ${before} is ${place}`);
    }
    this.#shift ??= { from: recorded, by: actual - recorded };
    if (recorded > this.#shift.from) assert.equal(actual - recorded, this.#shift.by, `${recorded} is ${actual}`);
    this.#pairs.set(recorded, actual);
  }

  /** The expected place of a recorded position, by its distance to a known one. */
  translate(recorded: number): number {
    const known = Math.max(...[...this.#pairs.keys()].filter(place => place <= recorded));
    return this.#pairs.get(known)! + recorded - known;
  }
}
