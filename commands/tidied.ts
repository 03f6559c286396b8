/** Separators of lines, or of table columns that were copied into a recipe. */
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;

/**
 * Normalises a recipe: each ingredient on one line, no empty ones, unlike in many collections. An invalid recipe stays
 * unchanged, because the API names its faults.
 */
export function tidied(recipe: unknown): unknown {
  if (!isRecord(recipe)) return recipe;
  const { ingredients, steps } = recipe;
  return {
    ...recipe,
    ...(Array.isArray(ingredients) && { ingredients: ingredients.map(oneLine).filter(line => !isEmpty(line)) }),
    ...(Array.isArray(steps) && { steps: steps.filter(step => !isEmpty(step)) }),
  };
}

/** A line, or the name and amount of one; an empty amount is dropped. */
function oneLine(line: unknown): unknown {
  if (typeof line === 'string') return line.replaceAll(BREAKS, ' ').trim();
  if (!isRecord(line)) return line;
  const parts = Object.entries(line).map(([key, value]) => [key, typeof value === 'string' ? oneLine(value) : value]);
  return Object.fromEntries(parts.filter(([key, value]) => key !== 'amount' || !isEmpty(value)));
}

const isEmpty = (line: unknown): boolean =>
  typeof line === 'string' ? line.trim() === '' : isRecord(line) && line.name === '' && line.amount === undefined;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
