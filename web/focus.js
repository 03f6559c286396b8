/**
 * Remembers the focus while parts of the page are redrawn.
 * @param {Element | null} element
 * @returns a function that restores the focus: to the same element, else its successor by `data-key`, else the row that
 *   took the place of its row, else the heading
 */
export function rememberFocus(element) {
  const key = element instanceof HTMLElement ? element.dataset.key : undefined;
  const row = element?.closest('li[tabindex]');
  const index = row?.parentElement ? [...row.parentElement.children].indexOf(row) : -1;
  return () => {
    const next = element?.isConnected ? element : (byKey(key) ?? byRow(index) ?? document.querySelector('h1'));
    if (next instanceof HTMLElement) next.focus({ preventScroll: true });
  };
}

/** @param {string | undefined} key */
const byKey = key => (key === undefined ? null : document.querySelector(`[data-key="${CSS.escape(key)}"]`));

/** @param {number} index */
function byRow(index) {
  const rows = document.querySelectorAll('main li[tabindex]');
  return index < 0 ? null : rows[Math.min(index, rows.length - 1)];
}
