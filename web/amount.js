/** Amounts as people type them: `2`, `1,5`, `1/2`, `200g`, `2모`. */

/** @param {string} typed @returns {{ amount?: number, unit?: string } | undefined} nothing where it is unclear */
export function readAmount(typed) {
  const text = typed.trim().normalize('NFKC').replace('⁄', '/');
  if (text === '') return {};
  const found = text.match(/^(\d+(?:[.,]\d+)?)(?:\s*\/\s*(\d+))?\s*(\D.*)?$/);
  if (!found) return undefined;
  const amount = Number(found[1]?.replace(',', '.')) / Number(found[2] ?? 1);
  if (!Number.isFinite(amount)) return undefined;
  return { amount: Number(amount.toFixed(6)), ...(found[3] && { unit: found[3].trim() }) };
}
