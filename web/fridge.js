import { command, forgetUnanswered, get } from './api.js';
import { Problem } from './problem.js';
import { t } from './texts.js';
import { alertToast, toast } from './toast.js';

/**
 * The fridge and its items, as last read, and every command on them.
 * @typedef {{ fridgeId: string, name: string, timeZone: string, dueSoonDays: number,
 *   places: { place: string, kind: string }[] }} Fridge
 * @typedef {'fresh' | 'due_soon' | 'overdue' | 'expired' | 'no_date'} Status
 * @typedef {{ ingredientId: string, food?: { id: string, name: string, sure?: number }, name: string, amount: number, unit: string,
 *   place: string, dueDate?: string, dueType?: 'best_before' | 'use_by', dueDateSource?: 'printed' | 'rule' | 'user',
 *   status: Status, daysLeft?: number, openedAt?: string, note?: string, revision: number }} Item
 */

const PAGE = 100;

/** @type {Fridge | undefined} */
let known;
/** @type {Item[]} */
let items = [];
const news = new EventTarget();

/** @returns {Fridge} */
export function fridge() {
  if (!known) throw new Error('the fridge is not loaded yet');
  return known;
}
export const allItems = () => items;
/** @param {string} ingredientId */
export const itemBy = ingredientId => items.find(item => item.ingredientId === ingredientId);

/**
 * Redraws after each read of the items, for as long as the place is part of the page.
 * @param {Element} place
 * @param {() => void} redraw
 */
export function whenRead(place, redraw) {
  const listen = () => (place.isConnected ? redraw() : news.removeEventListener('read', listen));
  news.addEventListener('read', listen);
}

export function forgetFridge() {
  known = undefined;
  items = [];
}

/** Loads the first fridge; a household has one in this release. */
export async function loadFridge() {
  known ??= (await get('/fridges')).items[0];
  await loadItems();
}

export async function loadItems() {
  const read = [];
  let cursor = '';
  do {
    const page = await get(`/fridges/${fridge().fridgeId}/ingredients?limit=${PAGE}${cursor}`);
    read.push(...page.items);
    cursor = page.nextCursor ? `&cursor=${encodeURIComponent(page.nextCursor)}` : '';
  } while (cursor);
  items = read;
  forgetUnanswered();
  news.dispatchEvent(new Event('read'));
}

/**
 * @param {'POST' | 'PATCH'} method
 * @param {string} path
 * @param {object} body
 * @param {{ ifMatch?: number }} [options]
 */
const onFridge = async (method, path, body, options) =>
  (await command(method, `/fridges/${fridge().fridgeId}${path}`, body, options)).body;

/** @param {'POST' | 'PATCH'} method @param {Item} item @param {string} verb @param {object} body */
const onItem = (method, { ingredientId, revision }, verb, body) =>
  onFridge(method, `/ingredients/${encodeURIComponent(ingredientId)}${verb}`, body, { ifMatch: revision });

/** @param {object} item */
export const store = item => onFridge('POST', '/ingredients', item);
/** @param {Item} item @param {{ amount?: number, unit?: string }} part without an amount all of it */
export const consume = (item, part) => onItem('POST', item, '/consume', part);
/** @param {Item} item @param {{ reason: string, amount?: number, unit?: string }} part */
export const discard = (item, part) => onItem('POST', item, '/discard', part);
/** @param {Item} item @param {object} patch */
export const correct = (item, patch) => onItem('PATCH', item, '', patch);
/** Only a proposal: nothing is stored. @param {object} recipe */
export const draftCooking = recipe => onFridge('POST', '/cookings/draft', recipe);
/** @param {object} cooking */
export const cook = cooking => onFridge('POST', '/cookings', cooking);

/**
 * Runs a command on the fridge, shows the new state, and offers to undo it.
 * @template {{ actionId: string }} A
 * @param {() => Promise<A>} work
 * @param {(answer: A) => string} message
 * @param {(answer: A) => import('./toast.js').ToastAction[]} [more] other things to offer
 * @throws {Problem} except for a conflict with another member's change, which is shown with the present state
 */
export async function act(work, message, more = () => []) {
  /** @type {A} */
  let answer;
  try {
    answer = await work();
  } catch (error) {
    if (!(error instanceof Problem) || (error.status !== 412 && error.code !== 'ingredient-not-found')) throw error;
    await reload();
    alertToast(error.status === 412 ? t().changedByOther : t().goneByNow);
    return;
  }
  await reload();
  toast(message(answer), ...more(answer), { label: t().undo, isUndo: true, run: () => undo(answer.actionId) });
}

/** The command is done, even if its result cannot be shown at once. */
const reload = () => loadItems().catch(error => alertToast(error, { label: t().tryAgain, run: reload }));

/** @param {string} actionId */
async function undo(actionId) {
  try {
    const undoing = await onFridge('POST', '/undo', { actionId });
    await reload();
    toast(t().undone, { label: t().redo, run: () => undo(undoing.actionId) });
  } catch (error) {
    const passes = !(error instanceof Problem) || error.status >= 500;
    if (!passes) await reload();
    alertToast(error, ...(passes ? [{ label: t().tryAgain, run: () => undo(actionId) }] : []));
  }
}
