import assert from 'node:assert/strict';

/**
 * Which position of the replayed log stands for which recorded one. Positions are compared by equality and order;
 * within a scenario also by distance, since the stand-in's records are as long as the real server's.
 */
export class Places {
  readonly #pairs = new Map<number, number>([[0, 0]]);
  /** of the scenario at hand, from its first position on */
  #shift: { from: number; by: number } | undefined;

  /** Steps that were left out before a scenario make all its positions smaller by as much. */
  beginScenario(): void {
    this.#shift = undefined;
  }

  /** @throws AssertionError where the two cannot be the same place */
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

  /** Where a recorded position would be: as far behind a known one as it was. */
  translate(recorded: number): number {
    const known = Math.max(...[...this.#pairs.keys()].filter(place => place <= recorded));
    return this.#pairs.get(known)! + recorded - known;
  }
}
