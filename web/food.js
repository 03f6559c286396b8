/** The food that a name was recognised as, and how sure that is. */

/** SURE of domain/foods.ts: a name, an alias or their plural; a match that skips words is less sure. */
const SURE = 0.95;

/** @param {number} sure 0..1 */
export const isSure = sure => sure >= SURE;

/**
 * The recognised food, if it differs from the typed name.
 * @param {{ name: string, food?: { name: string } }} item
 */
export const understoodFood = ({ name, food }) => (food && !isSameWord(name, food.name) ? food : undefined);

/** @param {string} one @param {string} other */
function isSameWord(one, other) {
  const [mine, theirs] = [plain(one), plain(other)];
  return [mine, ...singulars(mine)].includes(theirs) || singulars(theirs).includes(mine);
}

/** Ignores case, spaces and the composition of Hangul. @param {string} word */
const plain = word =>
  word
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s\-_'’.]/g, '');

/** @param {string} word */
const singulars = word => [word.replace(/ies$/, 'y'), word.replace(/es$/, ''), word.replace(/s$/, '')];
