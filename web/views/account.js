import { h } from '../dom.js';
import { field, fieldValue, formError, hasAll, onSubmit } from '../form.js';
import { address, go } from '../router.js';
import { login, member, register } from '../session.js';
import { t } from '../texts.js';
import { toast } from '../toast.js';

/** Registering and logging in. @param {HTMLElement} root @param {import('../router.js').Place} place */
export function accountView(root, { name }) {
  const isNew = name === 'register';
  const email = field({
    name: 'email',
    label: t().email,
    type: 'email',
    autocomplete: 'username',
    inputmode: 'email',
    autocapitalize: 'none',
  });
  const nickname = field({
    name: 'nickname',
    label: t().nickname,
    hint: t().nicknameHint,
    autocomplete: 'nickname',
    maxlength: 40,
  });
  const form = h(
    'form',
    { class: 'card account' },
    h('h1', { tabindex: '-1' }, isNew ? t().register : t().login),
    h('p', { class: 'soft' }, isNew ? t().registerIntro : t().loginIntro),
    email,
    isNew && nickname,
    passwordField(isNew),
    formError(),
    h('button', { type: 'submit', class: 'primary wide' }, isNew ? t().register : t().login),
    h(
      'p',
      { class: 'other-way' },
      isNew ? t().toLogin : t().toRegister,
      ' ',
      h('a', { href: address(isNew ? 'login' : 'register') }, isNew ? t().login : t().register),
    ),
  );
  onSubmit(form, async () => {
    if (!hasAll(form, ['email', ...(isNew ? ['nickname'] : []), 'password'])) return;
    const account = { email: fieldValue(form, 'email'), password: passwordOf(form) };
    if (isNew) await register({ ...account, nickname: fieldValue(form, 'nickname') });
    else await login(account);
    go(address('fridge'), { replace: true });
    toast(t().welcome(member()?.nickname ?? ''));
  });
  root.append(
    h(
      'div',
      { class: 'welcome' },
      h('img', { src: 'icon.svg', alt: '', width: 88, height: 88 }),
      h(
        'p',
        { class: 'tagline' },
        t().tagline.map(phrase => [h('span', null, phrase), ' ']),
      ),
    ),
    form,
  );
}

/** A password is sent exactly as typed, spaces included. @param {HTMLFormElement} form */
const passwordOf = form => /** @type {HTMLInputElement} */ (form.elements.namedItem('password')).value;

/** @param {boolean} isNew */
function passwordField(isNew) {
  const place = field({
    name: 'password',
    label: t().password,
    ...(isNew && { hint: t().passwordHint }),
    type: 'password',
    autocomplete: isNew ? 'new-password' : 'current-password',
  });
  const input = place.querySelector('input');
  const toggle = h('input', {
    type: 'checkbox',
    onchange: () => {
      if (input) input.type = toggle.checked ? 'text' : 'password';
    },
  });
  return h('div', null, place, h('label', { class: 'check' }, toggle, t().showPassword));
}
