import { meantAmount, readAmount, typedAmount } from '../amount.js';
import { openDialog } from '../dialog.js';
import { draw, h, icon, loading } from '../dom.js';
import { control, field, fieldValue, setError, showErrors } from '../form.js';
import { amountText } from '../format.js';
import { act, cook, draftCooking, itemBy } from '../fridge.js';
import { address, go } from '../router.js';
import { language, languageOf, t } from '../texts.js';
import { unitName } from '../units.js';

/**
 * The ingredients that cooking takes from the fridge: an editable proposal, then one action.
 * @typedef {{ ingredientId: string, amount: number, unit: string }} Deduction
 * @typedef {{ recipeId: string, version: number, servings: number, deductions: Deduction[],
 *   missing: { text: string, amount?: number, unit?: string }[] }} Draft
 */

const MOST_SERVINGS = 1000;

/** @param {{ recipeId: string, title: string, servings?: number, recommendationId?: string }} recipe */
export function openCookDialog({ recipeId, title, servings: wished, recommendationId }) {
  /** @type {Draft | undefined} */
  let draft;
  const list = h('div', { class: 'deductions' }, loading(t().loading));
  const servings = h('input', {
    type: 'number',
    name: 'servings',
    min: 1,
    max: MOST_SERVINGS,
    step: 1,
    inputmode: 'numeric',
    value: wished ?? '',
    onchange: () => propose(),
  });
  const dialog = openDialog({
    title: t().cookDialogTitle(title),
    body: [
      h('p', { class: 'soft' }, t().cookDialogText),
      field({ name: 'servings', label: t().servings, control: servings, class: 'servings' }),
      list,
    ],
    submit: t().cooked,
    async work(form) {
      if (!draft) return false;
      const deductions = readDeductions(form, draft);
      if (!deductions) return false;
      const { version, servings: count } = draft;
      const cooking = { recipeId, version, servings: count, deductions, ...(recommendationId && { recommendationId }) };
      await act(
        () => cook(cooking),
        () => t().cookedToast(title),
      );
      go(address('fridge'));
      return true;
    },
  });
  const form = /** @type {HTMLFormElement} */ (dialog.querySelector('form'));
  void propose();

  async function propose() {
    const count = Number(servings.value);
    if (servings.value !== '' && !(count >= 1 && count <= MOST_SERVINGS)) return;
    try {
      const proposal = await draftCooking({ recipeId, ...(count && { servings: count }) });
      if (count !== Number(servings.value)) return; // changed again in the meantime
      draft = proposal;
      servings.value = String(proposal.servings);
      draw(list, proposed(proposal));
    } catch (error) {
      draw(list, []);
      showErrors(form, error);
    }
  }
}

/** @param {Draft} draft */
function proposed({ deductions, missing }) {
  return [
    deductions.length > 0
      ? h('ul', null, deductions.map(deductionRow))
      : h('p', { class: 'empty-note' }, t().nothingToTake),
    missing.length > 0 &&
      h(
        'div',
        { class: 'labelled' },
        icon('basket'),
        h('p', null, h('b', null, t().alsoNeeded), ' ', missing.map(lackingText).join(', ')),
      ),
  ];
}

/** @param {Draft['missing'][number]} line */
const lackingText = ({ text, amount, unit }) =>
  amount === undefined ? text : `${text} (${t().lacking(amountText(amount, unit ?? ''))})`;

/** @param {Deduction} deduction @param {number} index */
function deductionRow({ ingredientId, amount, unit }, index) {
  const there = itemBy(ingredientId);
  const name = there?.name ?? '';
  const value = h('input', {
    type: 'text',
    name: `amount-${index}`,
    inputmode: 'decimal',
    autocomplete: 'off',
    'aria-label': t().amountOf(name),
    value: typedAmount(amount, unit),
  });
  const checkbox = h('input', {
    type: 'checkbox',
    name: `take-${index}`,
    'aria-label': t().takes(name),
    checked: true,
    onchange: () => {
      value.disabled = !checkbox.checked;
    },
  });
  return h(
    'li',
    { class: 'deduction', 'data-field': `deductions[${index}].amount` },
    h(
      'label',
      { class: 'check' },
      checkbox,
      h(
        'span',
        null,
        h('span', { lang: languageOf(name) }, name),
        there && h('span', { class: 'hint' }, t().available(amountText(there.amount, there.unit))),
      ),
    ),
    h('span', { class: 'with-unit' }, value, h('span', { class: 'unit' }, unitName(unit, language(), amount))),
    h('p', { class: 'error' }),
  );
}

/**
 * The ticked deductions with their edited amounts; undefined if an amount is unclear, which is then shown.
 * @param {HTMLFormElement} form
 * @param {Draft} draft
 */
function readDeductions(form, { deductions }) {
  let isClear = true;
  const ticked = deductions.flatMap((proposed, index) => {
    if (!control(form, `take-${index}`).checked) return [];
    const { ingredientId } = proposed;
    const there = itemBy(ingredientId);
    const read = readAmount(fieldValue(form, `amount-${index}`));
    const unit = read?.unit ?? proposed.unit;
    const exact = [proposed, there].map(known => (known?.unit === unit ? known.amount : undefined));
    const amount = read?.amount && meantAmount(read.amount, unit, exact);
    const all = exact[1];
    const wrong = !amount ? t().required : all !== undefined && amount > all && t().notEnough(amountText(all, unit));
    if (wrong) {
      setError(form, `deductions[${index}].amount`, wrong);
      if (isClear) control(form, `amount-${index}`).focus();
      isClear = false;
    }
    return [{ ingredientId, amount, unit }];
  });
  return isClear ? ticked : undefined;
}
