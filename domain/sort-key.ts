/** At most four bytes each in UTF-8, so the key fits an index of every database. */
const MOST_CODE_POINTS = 255;
const ACCENTS = /[\u0300-\u036f]/g;

/**
 * The sort key of a name, compared in code-point order, so that every store sorts alike: NFKC, lower case, without
 * accents, at most 255 code points. Latin comes before Hangul, which follows the Korean alphabet.
 */
export function sortKey(name: string): string {
  const plain = start(name).normalize('NFKC').toLowerCase().normalize('NFD').replaceAll(ACCENTS, '').normalize('NFC');
  return start(plain);
}

const start = (text: string): string => [...text].slice(0, MOST_CODE_POINTS).join('');
