import { actionButton, h, icon } from '../dom.js';
import { todayIn } from '../due.js';
import { understoodFood } from '../food.js';
import { amountText, daysText, dayText } from '../format.js';
import { act, consume, fridge } from '../fridge.js';
import { languageOf, t } from '../texts.js';
import { alertToast } from '../toast.js';
import { openCorrectDialog } from './correct-dialog.js';
import { openDiscardDialog, openUseDialog } from './part-dialogs.js';

/** @typedef {import('../fridge.js').Item} Item */

const KINDS = new Set(['fridge', 'freezer', 'pantry']);

/** One ingredient with its commands. @param {Item} item */
export function itemRow(item) {
  const { ingredientId, name, place } = item;
  const kind = fridge().places.find(known => known.place === place)?.kind ?? 'other';
  const food = understoodFood(item);
  return h(
    'li',
    { class: `item ${item.status}`, 'data-ingredient': ingredientId, tabindex: '-1' },
    h('span', { class: 'place-icon' }, icon(KINDS.has(kind) ? kind : 'pantry')),
    h(
      'div',
      { class: 'item-text' },
      h(
        'div',
        { class: 'item-head' },
        h(
          'p',
          { class: 'item-name' },
          h('span', { lang: languageOf(name) }, name),
          food && [' ', h('span', { class: 'also', lang: languageOf(food.name) }, `= ${food.name}`)],
        ),
        badge(item),
      ),
      h('p', { class: 'item-facts' }, facts(item).join(' · ')),
    ),
    h('div', { class: 'item-actions' }, actions(item)),
  );
}

/** The status in words and with a sign, not by colour alone. @param {Item} item */
export const badge = item =>
  h('p', { class: `badge ${item.status}` }, icon(item.status), h('span', null, daysText(item)));

/** @param {Item} item */
function facts({ amount, unit, place, dueDate, dueDateSource, openedAt }) {
  const day = dueDate && dayText(dueDate, todayIn(fridge().timeZone));
  return [
    amountText(amount, unit),
    t().places[place] ?? place,
    ...(openedAt ? [t().opened] : []),
    ...(day ? [dueDateSource === 'rule' ? t().estimated(day) : day] : []),
  ];
}

/** @param {Item} item */
function actions(item) {
  const { ingredientId, name } = item;
  const attributes = (/** @type {string} */ verb, /** @type {string} */ label) => ({
    'data-key': `${verb}-${ingredientId}`,
    'aria-label': t().of(label, name),
  });
  const iconOnly = (/** @type {string} */ verb, /** @type {string} */ label, /** @type {() => void} */ onclick) =>
    h('button', { type: 'button', class: 'bare', title: label, ...attributes(verb, label), onclick }, icon(verb));
  return [
    h(
      'button',
      {
        type: 'button',
        class: 'soft-button',
        ...attributes('use', t().useSome),
        onclick: () => openUseDialog(item),
      },
      t().useSome,
    ),
    actionButton(
      { class: 'line-button', ...attributes('all', t().useAll) },
      () =>
        act(
          () => consume(item, {}),
          () => t().usedAll(name),
        ).catch(error => alertToast(error)),
      t().useAll,
    ),
    iconOnly('discard', t().discard, () => openDiscardDialog(item)),
    iconOnly('correct', t().correct, () => openCorrectDialog(item)),
  ];
}
