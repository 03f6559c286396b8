import { readAmount } from '../amount.js';
import { h, icon } from '../dom.js';
import { todayIn } from '../due.js';
import { dueField, readDueField } from '../due-field.js';
import {
  clearErrors,
  control,
  field,
  fieldValue,
  focusFirstError,
  formError,
  hasAll,
  onSubmit,
  setError,
} from '../form.js';
import { dayText } from '../format.js';
import { act, fridge, store } from '../fridge.js';
import { Problem } from '../problem.js';
import { language, t } from '../texts.js';
import { suggestedUnits } from '../units.js';
import { placeSelect } from './place-select.js';

/** One line that adds an item: a name is enough. TAB goes name, date, amount, place, as in Grocy. */
export function quickAdd() {
  const today = () => todayIn(fridge().timeZone);
  const due = dueField({ today: today(), whenEmpty: t().dueUsual });
  const extras = h(
    'div',
    { class: 'extras', id: 'extras', hidden: true },
    due,
    field({ name: 'amount', label: t().amount, inputmode: 'decimal', placeholder: '1' }),
    field({ name: 'unit', label: t().unit, list: 'units', placeholder: t().unitPlaceholder, autocapitalize: 'none' }),
    field({ name: 'place', label: t().place, control: placeSelect() }),
  );
  const more = h(
    'button',
    { type: 'button', class: 'more', 'aria-expanded': 'false', 'aria-controls': 'extras', onclick: () => toggle() },
    icon('down'),
    t().addDetails,
  );
  const form = h(
    'form',
    { class: 'card quick-add', 'aria-label': t().addTitle },
    field({
      name: 'name',
      label: t().addName,
      class: 'name',
      placeholder: t().addNamePlaceholder,
      enterkeyhint: 'done',
      autocapitalize: 'none',
    }),
    extras,
    h('button', { type: 'submit', class: 'primary add' }, icon('plus'), t().add),
    more,
    formError(),
    h('p', { class: 'due-help soft' }, t().dueHelp),
    h(
      'datalist',
      { id: 'units' },
      suggestedUnits(language()).map(value => h('option', { value })),
    ),
  );

  function toggle(isOpen = extras.hidden) {
    extras.hidden = !isOpen;
    more.setAttribute('aria-expanded', String(isOpen));
  }

  return onSubmit(form, async () => {
    const item = readItem(form, today());
    if (!item) {
      if (extras.querySelector('[aria-invalid]')) toggle(true);
      return focusFirstError(form);
    }
    try {
      await add(item, today());
    } catch (error) {
      if (error instanceof Problem && error.errors.length > 0) toggle(true);
      throw error;
    }
    form.reset();
    clearErrors(form);
    control(form, 'dueDate').dispatchEvent(new Event('input'));
    control(form, 'name').focus();
  });
}

/** The item in the form; undefined if a field is unclear. @param {HTMLFormElement} form @param {string} today */
function readItem(form, today) {
  if (!hasAll(form, ['name'])) return undefined;
  const due = readDueField(form, today);
  if (!due) return undefined;
  const read = readAmount(fieldValue(form, 'amount'));
  if (!read) {
    setError(form, 'amount', t().problems.invalid);
    return undefined;
  }
  const unit = fieldValue(form, 'unit') || read.unit;
  const place = fieldValue(form, 'place');
  return {
    name: fieldValue(form, 'name'),
    ...(read.amount !== undefined && { amount: read.amount }),
    ...(unit && { unit }),
    ...(place && { place }),
    ...(due.date !== undefined && { dueDate: due.date }),
  };
}

/** The server may read an amount from the name. @param {object} item @param {string} today */
const add = (item, today) =>
  act(
    () => store(item),
    ({ items: [stored] }) =>
      stored.dueDateSource === 'rule'
        ? t().addedEstimate(stored.name, dayText(stored.dueDate, today))
        : t().added(stored.name),
  );
