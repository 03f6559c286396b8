import { readAmount, typedAmount } from '../amount.js';
import { openDialog } from '../dialog.js';
import { h } from '../dom.js';
import { todayIn } from '../due.js';
import { dueField, readDueField } from '../due-field.js';
import { control, field, fieldValue, hasAll, select, setError } from '../form.js';
import { act, correct, fridge } from '../fridge.js';
import { language, t } from '../texts.js';
import { suggestedUnits, unitName } from '../units.js';
import { placeSelect } from './place-select.js';

/** @typedef {import('../fridge.js').Item} Item */

/** Corrects any field of an ingredient. @param {Item} item @param {string} [first] the field to focus */
export function openCorrectDialog(item, first = 'name') {
  const today = todayIn(fridge().timeZone);
  const starts = (/** @type {string} */ name) => ({ autofocus: name === first });
  openDialog({
    title: t().correctTitle(item.name),
    body: h(
      'div',
      { class: 'correct-fields' },
      field({ name: 'name', label: t().name, class: 'whole', value: item.name, ...starts('name') }),
      field({
        name: 'amount',
        label: t().amount,
        inputmode: 'decimal',
        value: typedAmount(item.amount, item.unit),
        ...starts('amount'),
      }),
      field({ name: 'unit', label: t().unit, value: shownUnit(item), list: 'units-of-correction' }),
      h(
        'datalist',
        { id: 'units-of-correction' },
        suggestedUnits(language()).map(value => h('option', { value })),
      ),
      dueField({ today, value: item.dueDate ?? '', whenEmpty: t().dueNone }),
      field({ name: 'dueType', label: t().dueType, control: dueTypeSelect(item) }),
      field({ name: 'place', label: t().place, control: placeSelect(item.place) }),
      h(
        'label',
        { class: 'check', 'data-field': 'openedAt' },
        h('input', { type: 'checkbox', name: 'opened', checked: item.openedAt !== undefined }),
        t().isOpened,
      ),
      field({
        name: 'note',
        label: t().note,
        class: 'whole',
        optional: true,
        control: h('textarea', { name: 'note', rows: 2, value: item.note ?? '' }),
      }),
    ),
    submit: t().save,
    async work(form) {
      const patch = readPatch(form, item, today);
      if (!patch) return false;
      if (Object.keys(patch).length === 0) {
        setError(form, '', t().nothingChanged);
        return false;
      }
      await act(
        () => correct(item, patch),
        ({ ingredient }) => t().corrected(ingredient.name),
      );
      return true;
    },
  });
}

/** @param {Item} item */
const shownUnit = ({ unit, amount }) => unitName(unit, language(), amount);

/** @param {Item} item */
const dueTypeSelect = ({ dueType = 'best_before' }) =>
  select(
    'dueType',
    [
      ['use_by', t().dueTypes.use_by],
      ['best_before', t().dueTypes.best_before],
    ],
    dueType,
  );

/**
 * The changed fields only; undefined if one is unclear.
 * @param {HTMLFormElement} form
 * @param {Item} item
 * @param {string} today
 */
function readPatch(form, item, today) {
  if (!hasAll(form, ['name', 'amount', 'unit'])) return undefined;
  const read = readAmount(fieldValue(form, 'amount'));
  const due = readDueField(form, today);
  if (read?.amount === undefined) setError(form, 'amount', t().problems.invalid);
  if (read?.amount === undefined || !due) return undefined;
  const typedUnit = read.unit ?? fieldValue(form, 'unit');
  const dueDate = due.date ?? null;
  const dueType = fieldValue(form, 'dueType');
  const isOpened = control(form, 'opened').checked;
  const note = fieldValue(form, 'note');
  const wanted = {
    name: [fieldValue(form, 'name'), item.name],
    amount: [read.amount, Number(typedAmount(item.amount, item.unit))],
    unit: [typedUnit, shownUnit(item)],
    place: [fieldValue(form, 'place'), item.place],
    dueDate: [dueDate, item.dueDate ?? null],
    ...(dueDate !== null && { dueType: [dueType, item.dueType ?? 'best_before'] }),
    note: [note || null, item.note ?? null],
  };
  const changed = Object.entries(wanted).flatMap(([name, [now, before]]) => (now === before ? [] : [[name, now]]));
  if (isOpened !== (item.openedAt !== undefined))
    changed.push(['openedAt', isOpened ? new Date().toISOString() : null]);
  return Object.fromEntries(changed);
}
