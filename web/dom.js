import { rememberFocus } from './focus.js';

/** @typedef {Node | string | number | false | null | undefined | readonly Child[]} Child */
/** @typedef {Record<string, any>} Attributes `onclick` and the like are listeners, `value` and `checked` properties */

const PROPERTIES = new Set(['value', 'checked', 'selected', 'disabled', 'open', 'min', 'max']);

/**
 * Creates an element. Text is inserted as text, never as HTML.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Attributes | null} [attributes] @param {...Child} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === undefined || value === false || value === null) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value);
    else if (PROPERTIES.has(name) && name in element) Object.assign(element, { [name]: value });
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...nodes(children));
  return element;
}

/** @param {readonly Child[]} children @returns {(Node | string)[]} */
function nodes(children) {
  return children.flatMap(child => {
    if (Array.isArray(child)) return nodes(child);
    if (child === false || child === null || child === undefined) return [];
    return [/** @type {Node | string} */ (typeof child === 'number' ? String(child) : child)];
  });
}

/** One of the drawings in index.html. It is decorative: the text beside it carries the meaning. @param {string} name */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}

/**
 * Redraws the content of a place, and keeps the focus.
 * @param {Element} place
 * @param {Child[]} children
 */
export function draw(place, children) {
  const focused = document.activeElement;
  const isInside = focused !== null && focused !== place && place.contains(focused);
  const bringBack = isInside ? rememberFocus(focused) : undefined;
  place.replaceChildren(...nodes(children));
  bringBack?.();
}

/**
 * A button for asynchronous work, which ignores clicks while that runs.
 * @param {Attributes} attributes @param {() => Promise<unknown>} work @param {...Child} children
 */
export function actionButton(attributes, work, ...children) {
  const button = h('button', { type: 'button', ...attributes, onclick: press }, ...children);
  async function press() {
    if (button.ariaBusy === 'true') return;
    button.ariaBusy = 'true';
    try {
      await work();
    } finally {
      button.ariaBusy = null;
    }
  }
  return button;
}

/** @param {string} text */
export const loading = text => h('p', { class: 'loading', role: 'status' }, h('span', { class: 'spinner' }), text);
