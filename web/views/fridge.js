import { draw, h, icon, loading } from '../dom.js';
import { act, allItems, fridge, loadFridge, store, whenRead } from '../fridge.js';
import { address } from '../router.js';
import { languageOf, t } from '../texts.js';
import { alertToast } from '../toast.js';
import { itemRow } from './item-row.js';
import { quickAdd } from './quick-add.js';

/** @typedef {import('../fridge.js').Status} Status */

/** @type {Status[]} the most pressing first */
const STATUSES = ['expired', 'overdue', 'due_soon', 'fresh', 'no_date'];
const NAMED = 4;

/** @type {Status | 'all'} kept while the page is open */
let filter = 'all';

/** The items of the fridge. @param {HTMLElement} root */
export async function fridgeView(root) {
  root.append(loading(t().loading));
  await loadFridge();
  const heading = h('h1', { tabindex: '-1' }, fridge().name);
  const hero = h('div', { class: 'hero-place' });
  const chips = h('div', { class: 'chips', role: 'group', 'aria-label': t().filterLabel });
  const list = h('div', { class: 'list-place' });

  function redraw() {
    const items = allItems();
    if (filter !== 'all' && items.every(({ status }) => status !== filter)) filter = 'all';
    draw(hero, [items.length > 0 && summary()]);
    draw(chips, items.length > 0 ? chipButtons(choose) : []);
    draw(list, [items.length > 0 ? shownItems(choose) : emptyFridge()]);
  }

  /** @param {Status | 'all'} chosen */
  function choose(chosen) {
    filter = chosen;
    redraw();
  }

  root.replaceChildren(heading, h('div', { class: 'fridge-grid' }, hero, quickAdd(), chips, list));
  redraw();
  whenRead(root, redraw);
}

/** The items to use first, with a link to recipes for them. */
function summary() {
  const urgent = allItems().filter(({ status }) => status === 'due_soon' || status === 'overdue');
  const names = urgent.slice(0, NAMED).map(({ name }) => name);
  const more = urgent.length - names.length;
  return h(
    'section',
    { class: 'hero', 'aria-label': t().whatCanICook },
    h(
      'div',
      null,
      h('p', { class: 'hero-title' }, urgent.length > 0 ? t().useFirst(urgent.length) : t().nothingUrgent),
      h(
        'p',
        { class: 'soft' },
        urgent.length > 0 ? [names.join(', '), more > 0 && ` ${t().andMore(more)}`] : t().nothingUrgentText,
      ),
    ),
    h('a', { class: 'button primary', href: address('cook') }, icon('pot'), t().whatCanICook),
  );
}

/** @param {(chosen: Status | 'all') => void} choose */
function chipButtons(choose) {
  const items = allItems();
  const counts = STATUSES.map(status => ({ status, count: items.filter(item => item.status === status).length }));
  return [
    chip('all', t().all, items.length, choose),
    ...counts
      .filter(({ count }) => count > 0)
      .map(({ status, count }) => chip(status, t().statuses[status], count, choose)),
  ];
}

/**
 * @param {Status | 'all'} status
 * @param {string} label
 * @param {number} count
 * @param {(chosen: Status | 'all') => void} choose
 */
const chip = (status, label, count, choose) =>
  h(
    'button',
    {
      type: 'button',
      class: `chip ${status}`,
      'data-key': `chip-${status}`,
      'aria-pressed': String(filter === status),
      onclick: () => choose(filter === status ? 'all' : status),
    },
    status !== 'all' && icon(status),
    label,
    ' ',
    h('span', { class: 'count' }, count),
  );

/** @param {(chosen: Status | 'all') => void} choose */
function shownItems(choose) {
  const items = allItems().filter(({ status }) => filter === 'all' || status === filter);
  if (items.length > 0) return h('ul', { class: 'items', 'aria-label': t().listLabel }, items.map(itemRow));
  return h(
    'div',
    { class: 'empty' },
    h('p', null, t().filterEmpty),
    h('button', { type: 'button', class: 'quiet', onclick: () => choose('all') }, t().showAll),
  );
}

/** Suggestions for an empty fridge: one click adds an item. */
function emptyFridge() {
  return h(
    'section',
    { class: 'empty' },
    icon('fridge'),
    h('h2', null, t().emptyTitle),
    h('p', { class: 'soft' }, t().emptyText),
    h('p', { class: 'small-title', id: 'suggestions' }, t().emptySuggest),
    h(
      'div',
      { class: 'suggestions', role: 'group', 'aria-labelledby': 'suggestions' },
      t().firstItems.map(item =>
        h(
          'button',
          {
            type: 'button',
            class: 'chip',
            lang: languageOf(item.name),
            onclick: () =>
              act(
                () => store(item),
                () => t().added(item.name),
              ).catch(alertToast),
          },
          icon('plus'),
          item.name,
        ),
      ),
    ),
  );
}
