import { en } from './texts-en.js';
import { ko } from './texts-ko.js';

/** Every text of the page, in the chosen language. */

/** @typedef {'ko' | 'en'} Language */

/** @type {Record<Language, typeof ko>} */
const dictionaries = { ko, en };
const KEPT = 'zipbob.language';

/** @type {Record<Language, string>} each in its own language */
export const languageNames = { ko: '한국어', en: 'EN English' };

/** @type {Language} */
let current = 'ko';

export const language = () => current;
export const t = () => dictionaries[current];

/** The language chosen before, or else the browser's first preference that we have. */
export function startLanguage() {
  const preferred = [localStorage.getItem(KEPT), ...navigator.languages].map(tag => tag?.slice(0, 2));
  apply(/** @type {Language} */ (preferred.find(tag => tag === 'ko' || tag === 'en') ?? 'en'));
}

/** @param {Language} chosen */
export function chooseLanguage(chosen) {
  localStorage.setItem(KEPT, chosen);
  apply(chosen);
}

/** @param {Language} chosen */
function apply(chosen) {
  current = chosen;
  document.documentElement.lang = chosen;
}

/** Guesses the language of a text by a member or of a recipe. @param {string} text */
export const languageOf = text => (/[\uac00-\ud7a3]/.test(text) ? 'ko' : 'en');
