import { h, icon } from './dom.js';
import { rememberFocus } from './focus.js';
import { formError, onSubmit } from './form.js';
import { t } from './texts.js';

/**
 * Opens a dialog, on phones a bottom sheet. The browser keeps the focus inside, closes it on Escape and
 * restores the focus.
 * @param {{ title: string, body: import('./dom.js').Child, submit: string, danger?: boolean,
 *   work: (form: HTMLFormElement) => Promise<boolean | void> }} options `work` resolves to false to keep it open
 */
export function openDialog({ title, body, submit, danger, work }) {
  const bringFocusBack = rememberFocus(document.activeElement);
  const close = () => dialog.close();
  const form = h(
    'form',
    { class: 'dialog-form' },
    h(
      'header',
      null,
      h('h2', { id: 'dialog-title', tabindex: '-1' }, title),
      h('button', { type: 'button', class: 'bare', 'aria-label': t().close, onclick: close }, icon('close')),
    ),
    h('div', { class: 'dialog-body' }, body),
    formError(),
    h(
      'footer',
      null,
      h('button', { type: 'button', class: 'quiet', onclick: close }, t().cancel),
      h('button', { type: 'submit', class: danger ? 'danger' : 'primary' }, submit),
    ),
  );
  onSubmit(form, async () => {
    if ((await work(form)) !== false) close();
  });
  const dialog = h('dialog', { 'aria-labelledby': 'dialog-title' }, form);
  // A click outside the dialog closes it, unless the pointer was pressed inside, as when selecting text.
  let pressedOutside = false;
  dialog.addEventListener('pointerdown', event => {
    pressedOutside = event.target === dialog;
  });
  dialog.addEventListener('click', event => {
    if (pressedOutside && event.target === dialog) close();
  });
  dialog.addEventListener('close', () => {
    dialog.remove();
    bringFocusBack();
  });
  document.body.append(dialog);
  dialog.showModal();
  // On a phone a focused field would open the keyboard over the dialog's text.
  const field = matchMedia('(pointer: fine)').matches ? dialog.querySelector('[autofocus]') : null;
  const first = field ?? dialog.querySelector('h2');
  if (first instanceof HTMLElement) first.focus();
  return dialog;
}
