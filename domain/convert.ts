import type { Food } from './food.ts';

/**
 * Converts an amount (1/1000 base units) of a food to another base unit, through grams, by the food's density (g per
 * ml) and the weights of its counted units. Returns undefined if the units cannot be compared.
 */
export function convert(food: Food, amount: number, from: string, to: string): number | undefined {
  if (from === to) return amount;
  const [first, second] = [gramsPer(food, from), gramsPer(food, to)];
  return first === undefined || second === undefined ? undefined : Math.round((amount * first) / second);
}

function gramsPer({ density, weights }: Food, base: string): number | undefined {
  if (base === 'g') return 1;
  return base === 'ml' ? density : weights && Object.hasOwn(weights, base) ? weights[base] : undefined;
}
