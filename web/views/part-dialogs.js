import { meantAmount, readAmount, typedAmount } from '../amount.js';
import { openDialog } from '../dialog.js';
import { h } from '../dom.js';
import { control, field, fieldValue, select, setError } from '../form.js';
import { amountText } from '../format.js';
import { act, consume, discard } from '../fridge.js';
import { language, t } from '../texts.js';
import { comparableUnits, isMeasured, unitName } from '../units.js';

/** Taking a part of an ingredient: using it, or throwing it away. */

/** @typedef {import('../fridge.js').Item} Item */

/** @param {Item} item */
export function openUseDialog(item) {
  const usual = isMeasured(item.unit) ? item.amount / 2 : Math.min(1, item.amount);
  openDialog({
    title: t().useTitle(item.name),
    body: partFields(item, usual),
    submit: t().use,
    async work(form) {
      const part = readPart(form, item);
      if (!part) return false;
      await act(
        () => consume(item, part),
        ({ ingredient }) =>
          ingredient.amount > 0
            ? t().usedSome(item.name, amountText(ingredient.amount, ingredient.unit))
            : t().usedAll(item.name),
      );
      return true;
    },
  });
}

const REASONS = /** @type {const} */ (['spoiled', 'past_use_by', 'past_best_before', 'disliked', 'damaged', 'other']);
/** @type {Record<string, string>} */
const usualReason = { expired: 'past_use_by', overdue: 'past_best_before' };

/** @param {Item} item */
export function openDiscardDialog(item) {
  const usual = usualReason[item.status] ?? 'spoiled';
  openDialog({
    title: t().discardTitle(item.name),
    body: [
      h(
        'fieldset',
        { class: 'reasons', 'data-field': 'reason' },
        h('legend', null, t().reason),
        REASONS.map(reason =>
          h(
            'label',
            { class: 'choice' },
            h('input', {
              type: 'radio',
              name: 'reason',
              value: reason,
              checked: reason === usual,
              autofocus: reason === usual,
            }),
            t().reasons[reason],
          ),
        ),
      ),
      partFields(item, item.amount, { isFirst: false }),
    ],
    submit: t().discard,
    danger: true,
    async work(form) {
      const part = readPart(form, item);
      if (!part) return false;
      const reason = String(new FormData(form).get('reason'));
      await act(
        () => discard(item, { reason, ...part }),
        () => t().discarded(item.name),
      );
      return true;
    },
  });
}

/** Amount and unit of a part, with two shortcuts. @param {Item} item @param {number} usual */
function partFields(item, usual, { isFirst = true } = {}) {
  const units = comparableUnits(item.unit).map(
    code => /** @type {const} */ ([code, unitName(code, language(), item.amount)]),
  );
  const amount = h('input', {
    type: 'text',
    name: 'amount',
    inputmode: 'decimal',
    autocomplete: 'off',
    value: typedAmount(usual, item.unit),
    autofocus: isFirst,
    onfocus: () => amount.select(),
  });
  const unit = select('unit', units, item.unit);
  const become = (/** @type {number} */ value) => () => {
    amount.value = typedAmount(value, item.unit);
    unit.value = item.unit;
  };
  return h(
    'div',
    { class: 'part' },
    field({
      name: 'amount',
      label: t().amount,
      hint: t().available(amountText(item.amount, item.unit)),
      control: amount,
    }),
    field({ name: 'unit', label: t().unit, control: unit }),
    h(
      'div',
      { class: 'shortcuts' },
      h('button', { type: 'button', class: 'chip', onclick: become(item.amount / 2) }, t().half),
      h('button', { type: 'button', class: 'chip', onclick: become(item.amount) }, t().everything),
    ),
  );
}

/**
 * The part; undefined if it is unclear, which is then shown; without an amount if it is everything.
 * @param {HTMLFormElement} form
 * @param {Item} item
 */
function readPart(form, item) {
  const read = readAmount(fieldValue(form, 'amount'));
  if (read?.amount === undefined) {
    setError(form, 'amount', t().required);
    control(form, 'amount').focus();
    return undefined;
  }
  const unit = read.unit ?? fieldValue(form, 'unit');
  const isAll = unit === item.unit && meantAmount(read.amount, unit, [item.amount]) === item.amount;
  return isAll ? {} : { amount: read.amount, unit };
}
