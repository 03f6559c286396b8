import { h, icon } from './dom.js';
import { addDays, readDue, stepDue } from './due.js';
import { control, field, setError } from './form.js';
import { dayText } from './format.js';
import { t } from './texts.js';

/**
 * A date by shorthand, arrow keys or calendar; says at once how it is understood.
 * @param {{ today: string, value?: string, whenEmpty: string, label?: string }} options
 */
export function dueField({ today, value = '', whenEmpty, label = t().due }) {
  const input = h('input', {
    type: 'text',
    name: 'dueDate',
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    placeholder: t().duePlaceholder,
    title: t().dueHelp,
    value,
    oninput: tell,
    onkeydown: step,
  });
  const picker = h('input', {
    type: 'date',
    class: 'picker',
    tabindex: '-1',
    'aria-hidden': 'true',
    onchange: () => become(picker.value),
  });
  const pick = h(
    'button',
    { type: 'button', class: 'bare', 'aria-label': t().pickDate, onclick: open },
    icon('calendar'),
  );
  const place = field({
    name: 'dueDate',
    label,
    class: 'due',
    control: input,
    after: h('span', { class: 'calendar' }, picker, pick),
  });
  const hint = /** @type {HTMLElement} */ (place.querySelector('.hint'));

  function tell() {
    const due = readDue(input.value, today);
    const texts = { unset: () => whenEmpty, none: () => t().dueNone, unclear: () => t().dueUnclear };
    hint.textContent = due.is === 'date' ? `→ ${dayText(due.date, today)}` : texts[due.is]();
  }

  /** @param {string} date */
  function become(date) {
    input.value = date;
    tell();
  }

  function open() {
    const due = readDue(input.value, today);
    picker.value = due.is === 'date' ? due.date : '';
    picker.showPicker();
  }

  /** Left and right move in the text, unless there is a whole date. @param {KeyboardEvent} event */
  function step(event) {
    if (!event.key.startsWith('Arrow') || event.altKey || event.ctrlKey || event.metaKey) return;
    const due = readDue(input.value, today);
    const isSideways = event.key === 'ArrowLeft' || event.key === 'ArrowRight';
    if (due.is === 'unclear' || (isSideways && (due.is !== 'date' || due.date !== input.value))) return;
    event.preventDefault();
    const from = due.is === 'date' ? due.date : today;
    become(due.is === 'date' || isSideways ? stepDue(from, event.key, event.shiftKey) : addDays(today, 0));
  }

  tell();
  return place;
}

/**
 * What stands in it: a date, null for none, undefined for nothing at all.
 * @param {HTMLFormElement} form @param {string} today
 * @returns {{ date: string | null | undefined } | undefined} nothing where it is unclear, and then says so
 */
export function readDueField(form, today) {
  const input = control(form, 'dueDate');
  const due = readDue(input.value, today);
  if (due.is === 'unclear') {
    setError(form, 'dueDate', t().dueUnclear);
    input.focus();
    return undefined;
  }
  return { date: due.is === 'date' ? due.date : due.is === 'none' ? null : undefined };
}
