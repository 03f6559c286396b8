/** Which food a name was taken for, and how sure that is. */

/** The SURE of domain/foods.ts: a name, an alias or their plural; less where words were left out. */
const SURE = 0.95;

/** @param {number} sure 0..1 */
export const isSure = sure => sure >= SURE;

/**
 * The food that was understood, where that is not just what was typed.
 * @param {{ name: string, food?: { name: string } }} item
 */
export const understoodFood = ({ name, food }) => (food && !isSameWord(name, food.name) ? food : undefined);

/** @param {string} one @param {string} other */
function isSameWord(one, other) {
  const [mine, theirs] = [plain(one), plain(other)];
  return [mine, ...singulars(mine)].includes(theirs) || singulars(theirs).includes(mine);
}

/** Case, spaces and how Hangul is composed make no other word. @param {string} word */
const plain = word =>
  word
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[\s\-_'’.]/g, '');

/** @param {string} word */
const singulars = word => [word.replace(/ies$/, 'y'), word.replace(/es$/, ''), word.replace(/s$/, '')];
