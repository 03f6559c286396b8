import { get } from '../api.js';
import { h, icon, loading } from '../dom.js';
import { isSure } from '../food.js';
import { allItems, draftCooking, loadFridge } from '../fridge.js';
import { address } from '../router.js';
import { languageOf, t } from '../texts.js';
import { openCookDialog } from './cook-dialog.js';

/**
 * A recipe with its lines and steps, and the availability of each line.
 * @typedef {{ text: string, foodId?: string, optional?: boolean, sure: number }} Line
 * @typedef {{ recipeId: string, title: string, lang: string, servings?: number, minutes?: number, tags: string[],
 *   lines: Line[], steps: { text: string }[], source?: string, url?: string }} Recipe
 */

/** @param {HTMLElement} root @param {import('../router.js').Place} place */
export async function recipeView(root, { id = '', query }) {
  root.append(loading(t().loading));
  const servings = Number(query.get('servings')) || undefined;
  const recommendationId = query.get('from') ?? undefined;
  const [recipe] = await Promise.all([
    /** @type {Promise<Recipe>} */ (get(`/recipes/${encodeURIComponent(id)}`)),
    loadFridge(),
  ]);
  const draft = await draftCooking({ recipeId: id, ...(servings && { servings }) });
  const { title, lang, minutes, tags, steps } = recipe;
  const back = recommendationId ? address('cook', recommendationId, { servings }) : address('cook');
  root.replaceChildren(
    h('a', { class: 'back', href: back }, icon('back'), t().back),
    h(
      'article',
      { class: 'recipe' },
      h(
        'header',
        null,
        h('h1', { tabindex: '-1', lang }, title),
        h(
          'p',
          { class: 'recipe-facts' },
          minutes !== undefined && h('span', null, icon('due_soon'), t().minutes(minutes)),
          recipe.servings !== undefined && h('span', null, icon('bowl'), t().forServings(recipe.servings)),
          tags.map(tag => h('span', { class: 'tag', lang }, tag)),
        ),
        h(
          'button',
          {
            type: 'button',
            class: 'primary',
            'data-key': 'cook',
            onclick: () =>
              openCookDialog({
                recipeId: id,
                title,
                ...(servings && { servings }),
                ...(recommendationId && { recommendationId }),
              }),
          },
          icon('pot'),
          t().cook,
        ),
      ),
      h(
        'section',
        { class: 'card', 'aria-labelledby': 'lines' },
        h('h2', { id: 'lines' }, t().ingredients),
        h(
          'ul',
          { class: 'lines' },
          recipe.lines.map(line => lineRow(line, standing(line, draft.missing), lang)),
        ),
      ),
      h(
        'section',
        { 'aria-labelledby': 'steps' },
        h('h2', { id: 'steps' }, t().steps),
        h(
          'ol',
          { class: 'steps' },
          steps.map(({ text }) => h('li', { lang }, text)),
        ),
        origin(recipe),
      ),
    ),
  );
}

/** @param {Line} line @param {{ text: string }[]} missing lines that the server found missing */
function standing({ text, foodId, optional }, missing) {
  const isThere = allItems().some(({ food, status }) => foodId && food?.id === foodId && status !== 'expired');
  if (optional) return isThere ? 'have' : 'optionalLine';
  if (!missing.some(line => line.text === text)) return 'have';
  return isThere ? 'haveSome' : 'haveNot';
}

const drawings = { have: 'check', haveSome: 'half', haveNot: 'basket', optionalLine: 'plus' };

/** @param {Line} line @param {'have' | 'haveSome' | 'haveNot' | 'optionalLine'} stands @param {string} lang */
const lineRow = ({ text, sure }, stands, lang) =>
  h(
    'li',
    { class: `${stands} ${isSure(sure) ? '' : 'unsure'}` },
    icon(drawings[stands]),
    h('span', { lang }, text),
    h('span', { class: 'standing' }, t()[stands], !isSure(sure) && ` · ${t().unsure}`),
  );

/** @param {Recipe} recipe */
function origin({ source, url }) {
  const isWeb = url !== undefined && /^https?:/.test(url);
  if (!source && !isWeb) return undefined;
  return h(
    'p',
    { class: 'soft' },
    source && h('span', { lang: languageOf(source) }, t().source(source)),
    isWeb && [' ', h('a', { href: url, rel: 'noopener noreferrer' }, t().originalRecipe)],
  );
}
