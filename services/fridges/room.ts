import { Refused } from '../../core/errors.ts';
import type { FridgeEvent } from '../../events/fridge.ts';
import { type FridgeState, isPresent } from './fridge.state.ts';

/** Most present ingredients of a fridge. Used-up ones do not count. */
export const MOST_PRESENT = 5000;

/**
 * Returns the facts of a command if the fridge has room for them. A fridge above the limit may still change as long as
 * it does not grow.
 * @throws Refused `fridge-full`
 */
export function withRoom(facts: FridgeEvent[], state: FridgeState): FridgeEvent[] {
  const before = state.present.size;
  const after = facts.reduce((present, fact) => present + change(fact, state), before);
  if (after <= MOST_PRESENT || after <= before) return facts;
  throw new Refused('rule', 'fridge-full', `a fridge holds at most ${MOST_PRESENT} ingredients`, {
    limit: MOST_PRESENT,
    present: before,
  });
}

/** The change of the number of present ingredients by a fact: 1, 0 or -1. */
function change(fact: FridgeEvent, { ingredients, present }: FridgeState): number {
  if (fact.type === 'IngredientStored') return 1;
  if (!('ingredientId' in fact.data)) return 0;
  const { ingredientId } = fact.data;
  const changed = 'changed' in fact.data ? fact.data.changed : { amount: fact.data.amount };
  const { amount, voided } = { ...ingredients.get(ingredientId)!, ...changed };
  return Number(isPresent({ amount: amount ?? 0, voided: voided ?? false })) - Number(present.has(ingredientId));
}
