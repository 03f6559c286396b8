import { actionButton, draw, h, icon } from '../dom.js';
import { address } from '../router.js';
import { logout, member } from '../session.js';
import { chooseLanguage, language, languageNames, t } from '../texts.js';
import { alertToast, toast } from '../toast.js';

/** Kept, so that redrawing needs no connection. */
const logo = h('img', { src: 'icon.svg', alt: '', width: 36, height: 36 });

/** @param {string} view that is shown @param {() => unknown} redraw @param {() => void} leave */
export function drawHeader(view, redraw, leave) {
  const who = member();
  draw(/** @type {HTMLElement} */ (document.getElementById('top')), [
    h('a', { class: 'brand', href: address('fridge'), 'aria-label': t().home }, logo, h('span', null, 'ZipBob')),
    who && navigation(view),
    h(
      'div',
      { class: 'top-end' },
      languageSwitch(redraw),
      who && h('span', { class: 'who' }, who.nickname),
      who &&
        actionButton(
          { class: 'bare', 'aria-label': t().logout, title: t().logout },
          () =>
            logout().then(
              () => {
                leave();
                toast(t().loggedOut);
              },
              error => alertToast(error),
            ),
          icon('logout'),
        ),
    ),
  ]);
}

/** @param {string} view */
const navigation = view =>
  h(
    'nav',
    { 'aria-label': t().navigation },
    [
      { name: 'fridge', drawing: 'fridge', label: t().navFridge, shown: view === 'fridge' },
      { name: 'cook', drawing: 'pot', label: t().navCook, shown: view === 'cook' || view === 'recipe' },
    ].map(({ name, drawing, label, shown }) =>
      h('a', { href: address(name), 'aria-current': shown && 'page' }, icon(drawing), h('span', null, label)),
    ),
  );

/** @param {() => unknown} redraw */
const languageSwitch = redraw =>
  h(
    'div',
    { class: 'languages', role: 'group', 'aria-label': t().language },
    /** @type {const} */ (['ko', 'en']).map(code =>
      h(
        'button',
        {
          type: 'button',
          lang: code,
          'data-key': `language-${code}`,
          'aria-pressed': String(code === language()),
          'aria-label': languageNames[code],
          onclick: () => {
            chooseLanguage(code);
            redraw();
          },
        },
        code === 'ko' ? '한' : 'EN',
      ),
    ),
  );
