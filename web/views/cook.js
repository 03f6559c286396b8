import { command, get } from '../api.js';
import { draw, h, icon, loading } from '../dom.js';
import { field, select } from '../form.js';
import { allItems, fridge, loadFridge } from '../fridge.js';
import { Problem } from '../problem.js';
import { address, go } from '../router.js';
import { t } from '../texts.js';
import { recipeCard } from './recipe-card.js';

/**
 * Recommendations for the fridge.
 * @typedef {import('./recipe-card.js').Recommended} Recommended
 * @typedef {{ servings?: number, maxMinutes?: number }} Wish
 */

const TIERS = /** @type {const} */ (['ready', 'staples', 'shopping']);
const SERVINGS = [1, 2, 3, 4, 6];
const MINUTES = [15, 30, 60];
const SHOWN = 6;
/** Polling pauses. The first poll nearly always has the answer; their sum is the longest wait. */
const POLL_PAUSES_MS = [100, 200, 300, 500, ...Array(20).fill(1000)];

/** Without an id it requests a new recommendation. @param {HTMLElement} root @param {import('../router.js').Place} place */
export async function cookView(root, { id, query }) {
  const wish = {
    ...(query.get('servings') && { servings: Number(query.get('servings')) }),
    ...(query.get('maxMinutes') && { maxMinutes: Number(query.get('maxMinutes')) }),
  };
  const results = h('div', { class: 'results' });
  const heading = h('h1', { tabindex: '-1' }, t().cookTitle);
  root.append(h('div', { class: 'page-head' }, heading, wishForm(wish)), results);
  draw(results, [loading(t().searching)]);
  await loadFridge();
  if (allItems().length === 0) return draw(results, [nothing(t().emptyTitle, t().emptyFridgeText)]);
  if (!id) {
    const recommendationId = await ask(wish);
    if (root.isConnected) go(address('cook', recommendationId, wish), { replace: true });
    return;
  }
  const answer = await answered(id, root).catch(error => {
    if (error instanceof Problem && error.status === 404) return undefined;
    throw error;
  });
  if (!root.isConnected) return;
  if (answer?.status === 'done') draw(results, answer.recipes.length > 0 ? sections(answer, wish) : [nothingFits()]);
  else draw(results, [tryAgain(answer ? failureText(answer) : t().problems['recommendation-not-found'], wish)]);
}

/** @param {Wish} wish @returns {Promise<string>} */
async function ask(wish) {
  const { body, location } = await command('POST', `/fridges/${fridge().fridgeId}/recommendations`, wish);
  return location?.split('/').at(-1) ?? body.recommendationId;
}

/**
 * Polls until the recommendation is done, or the user leaves the view.
 * @param {string} recommendationId @param {HTMLElement} root
 * @returns {Promise<{ recommendationId: string, status: string, recipes: Recommended[] }>}
 */
async function answered(recommendationId, root) {
  const look = () => get(`/recommendations/${encodeURIComponent(recommendationId)}`);
  let answer = await look();
  for (const pause of POLL_PAUSES_MS) {
    if (!['requested', 'composing'].includes(answer.status) || !root.isConnected) break;
    await new Promise(resolve => setTimeout(resolve, pause));
    answer = await look();
  }
  return answer;
}

/** @param {{ status: string }} answer */
const failureText = ({ status }) =>
  ['requested', 'composing'].includes(status) ? t().recommendationSlow : t().recommendationFailed;

/** Number of servings and maximum time; a change requests a new recommendation. @param {Wish} wish */
function wishForm(wish) {
  const servings = select(
    'servings',
    [
      ['', t().servingsAsRecipe],
      ...SERVINGS.map(count => /** @type {const} */ ([String(count), t().servingsOf(count)])),
    ],
    String(wish.servings ?? ''),
  );
  const minutes = select(
    'maxMinutes',
    [['', t().anyTime], ...MINUTES.map(count => /** @type {const} */ ([String(count), t().withinMinutes(count)]))],
    String(wish.maxMinutes ?? ''),
  );
  const anew = () =>
    go(address('cook', undefined, { servings: servings.value, maxMinutes: minutes.value }), { replace: true });
  servings.addEventListener('change', anew);
  minutes.addEventListener('change', anew);
  return h(
    'div',
    { class: 'wish' },
    field({ name: 'servings', label: t().servings, control: servings }),
    field({ name: 'maxMinutes', label: t().maxMinutes, control: minutes }),
    h(
      'button',
      { type: 'button', class: 'bare', 'aria-label': t().askAgain, title: t().askAgain, onclick: anew },
      icon('again'),
    ),
  );
}

const drawings = { ready: 'check', staples: 'salt', shopping: 'basket' };

/** @param {{ recommendationId: string, recipes: Recommended[] }} answer @param {Wish} wish */
function sections({ recommendationId, recipes }, wish) {
  return TIERS.flatMap(tier => {
    const found = recipes.filter(recipe => recipe.tier === tier);
    if (found.length === 0) return [];
    const card = (/** @type {Recommended} */ recipe) => recipeCard(recipe, { recommendationId, ...wish });
    const cards = h('div', { class: 'cards' }, found.slice(0, SHOWN).map(card));
    const rest = found.slice(SHOWN);
    const more = h(
      'button',
      {
        type: 'button',
        class: 'quiet',
        onclick: () => {
          const added = rest.map(card);
          cards.append(...added);
          more.remove();
          added[0]?.querySelector('h3')?.focus();
        },
      },
      t().showMore(rest.length),
    );
    return [
      h(
        'section',
        { class: `tier ${tier}`, 'aria-labelledby': `tier-${tier}` },
        h('h2', { id: `tier-${tier}` }, icon(drawings[tier]), t().tiers[tier]),
        h('p', { class: 'soft' }, `${t().tierNotes[tier]} ${t().tierCount(found.length)}`),
        cards,
        rest.length > 0 && more,
      ),
    ];
  });
}

const nothingFits = () => nothing(t().noRecipes, t().noRecipesText);

/** @param {string} title @param {string} text */
const nothing = (title, text) =>
  h(
    'section',
    { class: 'empty' },
    icon('pot'),
    h('h2', null, title),
    h('p', { class: 'soft' }, text),
    h('a', { class: 'button primary', href: address('fridge') }, icon('plus'), t().goAdd),
  );

/** @param {string} text @param {Wish} wish */
const tryAgain = (text, wish) =>
  h(
    'section',
    { class: 'empty', role: 'alert' },
    icon('pot'),
    h('p', null, text),
    h('a', { class: 'button primary', href: address('cook', undefined, wish) }, t().askAgain),
  );
