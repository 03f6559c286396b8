import type { Shape } from '../../core/projection.ts';
import { Behind, type Checkpoint } from '../../core/read-model/port.ts';

/** A version of a projection, as every adapter names it: `fridges@2`. */
export const versioned = ({ name, version }: Pick<Shape, 'name' | 'version'>): string => `${name}@${version}`;

/** A generation, as every adapter names it: `fridges@2#0`. */
export const modelName = (projection: Pick<Shape, 'name' | 'version'>, generation: number): string =>
  `${versioned(projection)}#${generation}`;

/** @throws Behind if the generation has not reached a position */
export function requireReached(model: string, position: number, atLeast: number): void {
  if (position < atLeast) throw new Behind(`${model} is at ${position}, not at ${atLeast} yet`);
}

/** A row of the table of checkpoints; `last` is JSON. */
export type RawCheckpoint = { log: string; position: number; last: string | null };

export const checkpointOf = ({ log, position, last }: RawCheckpoint): Checkpoint => ({
  log,
  position,
  ...(last !== null && { last: JSON.parse(last) }),
});
