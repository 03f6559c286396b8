/** What separates lines, or columns of a table that a recipe was copied from. */
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;

/**
 * A recipe with each ingredient on one line and no empty ones, as collections of recipes often do not have them. What
 * is no recipe stays as it is: the API says what is wrong with it.
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

/** A line, or the name and amount of one; an empty amount is none. */
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
