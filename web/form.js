import { h } from './dom.js';
import { explain, explainField, Problem } from './problem.js';
import { t } from './texts.js';

/** Fields whose labels, hints and errors are linked for screen readers. */

let count = 0;

/**
 * @param {{ name: string, label: string, hint?: string, optional?: boolean, control?: HTMLElement, after?: Node } &
 *   Record<string, any>} options `control` replaces the input; the rest are the input's attributes
 */
export function field({ name, label, hint, optional, control, after, class: className = '', ...attributes }) {
  const id = `${name}-${++count}`;
  const input = control ?? h('input', { type: 'text', autocomplete: 'off', ...attributes, name });
  input.id = id;
  input.setAttribute('aria-describedby', `${id}-hint ${id}-error`);
  return h(
    'div',
    { class: `field ${className}`, 'data-field': name },
    h('label', { for: id }, label, optional && h('span', { class: 'optional' }, ` (${t().optional})`)),
    h('div', { class: 'control' }, input, after),
    h('p', { class: 'hint', id: `${id}-hint` }, hint),
    h('p', { class: 'error', id: `${id}-error` }),
  );
}

/**
 * @param {string} name
 * @param {readonly (readonly [value: string, label: string])[]} options
 * @param {string} [chosen]
 */
export const select = (name, options, chosen) =>
  h(
    'select',
    { name },
    options.map(([value, label]) => h('option', { value, selected: value === chosen }, label)),
  );

/** @param {HTMLFormElement} form @param {string} name */
export const control = (form, name) => /** @type {HTMLInputElement} */ (form.elements.namedItem(name));

/** @param {HTMLFormElement} form @param {string} name */
export const fieldValue = (form, name) => control(form, name).value.trim();

/**
 * Shows an error at a field, or at the form if there is no such field.
 * @param {HTMLFormElement} form
 * @param {string} name
 * @param {string} message
 */
export function setError(form, name, message) {
  const place = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
  const input = place?.querySelector('input, select, textarea');
  const error = place?.querySelector('.error') ?? form.querySelector('.form-error');
  if (!error) return;
  if (error.textContent !== message) error.append(error.textContent ? ' ' : '', message);
  input?.setAttribute('aria-invalid', 'true');
}

/** @param {HTMLFormElement} form */
export function clearErrors(form) {
  for (const error of form.querySelectorAll('.error, .form-error')) error.replaceChildren();
  for (const input of form.querySelectorAll('[aria-invalid]')) input.removeAttribute('aria-invalid');
}

/** Shows the server's errors, field by field. @param {HTMLFormElement} form @param {unknown} error */
export function showErrors(form, error) {
  const errors = error instanceof Problem ? error.errors : [];
  for (const { path, message } of errors) {
    const name = form.querySelector(`[data-field="${CSS.escape(path)}"]`) ? path : (path.split('.').at(-1) ?? '');
    setError(form, name, explainField(message));
  }
  const duplicate = error instanceof Problem ? error.code.match(/^(email|nickname)-taken$/)?.[1] : undefined;
  if (duplicate) setError(form, duplicate, explain(error));
  else if (errors.length === 0) setError(form, '', explain(error));
  focusFirstError(form);
}

/** @param {HTMLFormElement} form */
export function focusFirstError(form) {
  const first = form.querySelector('[aria-invalid]');
  if (first instanceof HTMLElement) first.focus();
}

/** Whether all required fields are filled in. @param {HTMLFormElement} form @param {string[]} names */
export function hasAll(form, names) {
  for (const name of names) if (fieldValue(form, name) === '') setError(form, name, t().required);
  focusFirstError(form);
  return form.querySelector('[aria-invalid]') === null;
}

export const formError = () => h('p', { class: 'form-error', role: 'alert' });

/**
 * Submits a form through `work`, one submission at a time, and shows errors at its fields.
 * @param {HTMLFormElement} form @param {() => Promise<unknown>} work
 */
export function onSubmit(form, work) {
  form.noValidate = true;
  form.addEventListener('input', ({ target }) => {
    const place = target instanceof Element ? target.closest('[data-field]') : null;
    place?.querySelector('[aria-invalid]')?.removeAttribute('aria-invalid');
    place?.querySelector('.error')?.replaceChildren();
  });
  form.addEventListener('submit', async event => {
    event.preventDefault();
    if (form.ariaBusy === 'true') return;
    clearErrors(form);
    form.ariaBusy = 'true';
    try {
      await work();
    } catch (error) {
      showErrors(form, error);
    } finally {
      form.ariaBusy = null;
    }
  });
  return form;
}
