import { h, icon } from './dom.js';
import { explain } from './problem.js';
import { t } from './texts.js';

/**
 * Short messages at the bottom, one at a time: a new one replaces the previous one, because only the last action can be
 * undone.
 * @typedef {{ label: string, run: () => unknown, isUndo?: boolean }} ToastAction
 */

const SHOWN_MS = 15_000;

/** @type {number | undefined} */
let timer;

/** @param {string} id */
const region = id => /** @type {HTMLElement} */ (document.getElementById(id));

function clear() {
  clearTimeout(timer);
  region('news').replaceChildren();
  region('alerts').replaceChildren();
}

/** @param {HTMLElement} place @param {string} message @param {string} drawing @param {ToastAction[]} actions */
function show(place, message, drawing, actions) {
  clear();
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(clear, SHOWN_MS);
  };
  const hold = () => clearTimeout(timer);
  const take = (/** @type {() => unknown} */ run) => {
    clear();
    run();
  };
  place.replaceChildren(
    h(
      'div',
      { class: 'toast', onpointerenter: hold, onpointerleave: wait, onfocusin: hold, onfocusout: wait },
      icon(drawing),
      h('p', null, message),
      actions.map(({ label, run, isUndo }) =>
        h('button', { type: 'button', class: 'toast-action', 'data-undo': isUndo, onclick: () => take(run) }, label),
      ),
      h('button', { type: 'button', class: 'bare', 'aria-label': t().close, onclick: clear }, icon('close')),
    ),
  );
  wait();
}

/** @param {string} message @param {...ToastAction} actions */
export const toast = (message, ...actions) => show(region('news'), message, 'check', actions);

/** @param {unknown} error an error or a text @param {...ToastAction} actions */
export const alertToast = (error, ...actions) =>
  show(region('alerts'), typeof error === 'string' ? error : explain(error), 'warning', actions);

/** Ctrl+Z or Cmd+Z outside of fields, because the toast may be many Tab presses away. @param {KeyboardEvent} event */
export function undoByKey(event) {
  const typing = event.target instanceof HTMLElement && event.target.closest('input, textarea, select, dialog');
  if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey || typing) return;
  const button = region('news').querySelector('[data-undo]');
  if (!(button instanceof HTMLElement)) return;
  event.preventDefault();
  button.click();
}
