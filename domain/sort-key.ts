/** Four bytes each in UTF-8 at most: such a key fits into an index of every database. */
const MOST_CODE_POINTS = 255;
const ACCENTS = /[\u0300-\u036f]/g;

/**
 * The key that names are sorted by, in code-point order, so that every store sorts alike whatever it knows of languages:
 * NFKC, lower case, without accents, 255 code points at most. Latin comes before Hangul, and Hangul by the Korean alphabet.
 */
export function sortKey(name: string): string {
  const plain = start(name).normalize('NFKC').toLowerCase().normalize('NFD').replaceAll(ACCENTS, '').normalize('NFC');
  return start(plain);
}

const start = (text: string): string => [...text].slice(0, MOST_CODE_POINTS).join('');
