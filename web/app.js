import { h, loading } from './dom.js';
import { allItems, forgetFridge, loadItems } from './fridge.js';
import { explain, Offline, Problem } from './problem.js';
import { address, go, here } from './router.js';
import { isKnownDevice, member, restore, whenEnded } from './session.js';
import { startLanguage, t } from './texts.js';
import { alertToast, undoByKey } from './toast.js';
import { accountView } from './views/account.js';
import { cookView } from './views/cook.js';
import { fridgeView } from './views/fridge.js';
import { drawHeader } from './views/header.js';
import { recipeView } from './views/recipe.js';

/** Starts the page, and shows the view named by the address. */

/** @type {Record<string, (root: HTMLElement, place: import('./router.js').Place) => Promise<void> | void>} */
const views = { fridge: fridgeView, cook: cookView, recipe: recipeView, login: accountView, register: accountView };
const isPublic = (/** @type {string} */ name) => name === 'login' || name === 'register';
const STALE_MS = 60_000;

const main = /** @type {HTMLElement} */ (document.getElementById('main'));
const skip = /** @type {HTMLElement} */ (document.getElementById('skip'));
/** @type {string | undefined} the address to show after logging in */
let wanted;

async function show({ focus = true } = {}) {
  const place = here();
  const name = Object.hasOwn(views, place.name) ? place.name : 'fridge';
  if (!member() && !isPublic(name)) {
    wanted = location.hash;
    return go(address(isKnownDevice() ? 'login' : 'register'), { replace: true });
  }
  if (member() && (wanted || isPublic(name))) {
    const next = wanted || address('fridge');
    wanted = undefined;
    if (next !== location.hash) return go(next, { replace: true });
  }
  drawHeader(name, () => show({ focus: false }), leave);
  skip.textContent = t().skip;
  const root = h('div', { class: `view view-${name}` });
  main.replaceChildren(root);
  await views[name]?.(root, { ...place, name })?.catch((/** @type {unknown} */ error) => {
    if (member() || isPublic(name)) showFailure(root, error);
  });
  if (!root.isConnected) return;
  const heading = root.querySelector('h1');
  document.title = heading ? `${heading.textContent} · ZipBob` : 'ZipBob';
  if (focus) heading?.focus();
}

/** @param {HTMLElement} root @param {unknown} error */
function showFailure(root, error) {
  root.replaceChildren(
    h(
      'div',
      { class: 'empty', role: 'alert' },
      h('h1', { tabindex: '-1' }, explain(error)),
      error instanceof Problem && error.status === 404
        ? h('a', { class: 'button primary', href: address('fridge') }, t().toFridge)
        : h('button', { type: 'button', class: 'primary', onclick: () => void start() }, t().tryAgain),
    ),
  );
}

/** After logging out, or when the session was ended elsewhere. */
function leave() {
  forgetFridge();
  go(address('login'));
}

async function start() {
  main.replaceChildren(h('div', { class: 'view' }, loading(t().loading)));
  try {
    if (!member()) await restore();
  } catch (error) {
    if (error instanceof Offline) return showFailure(main, error);
    alertToast(t().sessionEnded);
  }
  await show({ focus: false });
}

startLanguage();
whenEnded(() => {
  wanted = location.hash;
  for (const dialog of document.querySelectorAll('dialog')) dialog.close();
  leave();
  alertToast(t().sessionEnded);
});
addEventListener('hashchange', () => {
  scrollTo(0, 0);
  void show();
});
addEventListener('keydown', undoByKey);
skip.addEventListener('click', event => {
  event.preventDefault(); // the part after the # names the view
  main.focus();
});

// Changes by others, and the change of the day, are loaded when the user comes back to the page.
let hiddenSince = 0;
document.addEventListener('visibilitychange', () => {
  if (document.hidden) hiddenSince = Date.now();
  else if (member() && allItems().length > 0 && Date.now() - hiddenSince > STALE_MS) void loadItems().catch(() => {});
});
await start();
