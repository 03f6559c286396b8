import { h, icon } from '../dom.js';
import { amountText, daysText } from '../format.js';
import { itemBy } from '../fridge.js';
import { address } from '../router.js';
import { languageOf, t } from '../texts.js';
import { openCookDialog } from './cook-dialog.js';

/**
 * @typedef {{ recipeId: string, version: number, title: string, tier: 'ready' | 'staples' | 'shopping',
 *   coverage: number, minutes?: number,
 *   uses: { ingredientId: string, foodId: string, amount: number, unit: string }[], usesFirst: string[],
 *   missing: { name: string, text: string }[], partial: { name: string, have: number, need: number, unit: string }[],
 *   warnings: string[], explanation: string[] }} Recommended
 * @typedef {{ recommendationId: string, servings?: number }} From
 */

const NAMED = 5;

/** A recommended recipe, and the reasons for it. @param {Recommended} recipe @param {From} from */
export function recipeCard(recipe, from) {
  const { recipeId, title, minutes, partial, warnings } = recipe;
  const missing = missingNames(recipe);
  const query = { servings: from.servings, from: from.recommendationId };
  const titleId = `title-${recipeId}`;
  return h(
    'article',
    { class: 'card recipe-card', 'aria-labelledby': titleId },
    h(
      'header',
      null,
      h('h3', { id: titleId, tabindex: '-1', lang: languageOf(title) }, title),
      minutes !== undefined && h('p', { class: 'minutes' }, icon('due_soon'), t().minutes(minutes)),
    ),
    coverageBar(recipe),
    usesFirst(recipe),
    partial.length > 0 && labelled('half', t().partial, partial.map(partialText)),
    missing.length > 0 && labelled('basket', t().missing, missing),
    warnings.map(warning => h('p', { class: 'warning' }, icon('warning'), h('span', null, warning))),
    why(recipe),
    h(
      'footer',
      null,
      h(
        'a',
        { class: 'button quiet', href: address('recipe', recipeId, query), 'aria-describedby': titleId },
        t().viewRecipe,
      ),
      h(
        'button',
        {
          type: 'button',
          class: 'primary',
          'aria-describedby': titleId,
          'data-key': `cook-${recipeId}`,
          onclick: () => openCookDialog({ recipeId, title, ...from }),
        },
        icon('pot'),
        t().cook,
      ),
    ),
  );
}

/** @param {Recommended} recipe */
function coverageBar({ coverage }) {
  const percent = Math.floor(coverage * 100);
  return h(
    'div',
    { class: 'coverage' },
    h('progress', { value: percent, max: 100, 'aria-label': t().coverageLabel }),
    h('span', null, t().coverage(percent)),
  );
}

/** @param {Recommended} recipe */
function usesFirst({ usesFirst: ids }) {
  const items = ids.flatMap(id => itemBy(id) ?? []);
  if (items.length === 0) return undefined;
  return h(
    'div',
    { class: 'labelled first' },
    icon('due_soon'),
    h(
      'p',
      null,
      h('b', null, t().usesFirst),
      ' ',
      items.map((item, i) => [
        i > 0 && ', ',
        h('span', { lang: languageOf(item.name) }, item.name),
        h('span', { class: 'soft' }, ` (${daysText(item)})`),
      ]),
    ),
  );
}

/**
 * A label with the first few texts; all of them are in the recipe and in the explanation.
 * @param {string} drawing
 * @param {string} label
 * @param {string[]} texts
 */
function labelled(drawing, label, texts) {
  const more = texts.length - NAMED;
  return h(
    'div',
    { class: 'labelled' },
    icon(drawing),
    h(
      'p',
      null,
      h('b', null, label),
      ' ',
      texts.slice(0, NAMED).map((text, i) => [i > 0 && ', ', h('span', { lang: languageOf(text) }, text)]),
      more > 0 && h('span', { class: 'soft' }, ` ${t().andMore(more)}`),
    ),
  );
}

/**
 * Missing ingredients, each once. An ingredient named in a warning was not checked, so it is not listed as missing.
 * @param {Recommended} recipe
 */
function missingNames({ missing, warnings }) {
  const isWarnedOf = (/** @type {string} */ line) =>
    warnings.some(warning => `${warning},`.replace(': ', ', ').includes(`, ${line},`));
  return [...new Set(missing.filter(({ text }) => !isWarnedOf(text)).map(({ name }) => name))];
}

/** @param {Recommended['partial'][number]} partial */
function partialText({ name, have, need, unit }) {
  const [there, needed] = [amountText(have, unit), amountText(need, unit)];
  return there === needed ? t().nearlyAll(name) : t().haveOfNeed(name, there, needed);
}

/** @param {Recommended} recipe */
function why({ explanation, uses }) {
  const used = uses.flatMap(({ ingredientId, amount, unit }) => {
    const name = itemBy(ingredientId)?.name;
    if (!name) return [];
    return [amount > 0 ? `${name} ${amountText(amount, unit)}` : name];
  });
  return h(
    'details',
    { class: 'why' },
    h('summary', null, t().why),
    h(
      'ul',
      null,
      explanation.map(sentence => h('li', null, sentence)),
      used.length > 0 && h('li', null, `${t().uses}: ${used.join(', ')}`),
    ),
  );
}
