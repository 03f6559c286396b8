import type { Catalogue } from './catalogue.ts';
import { matchFood } from './foods.ts';

const AMOUNT = /\d|[¼½¾⅐-⅞]|약간|조금|적당|적량|취향|to taste|as needed/i;
const IN_SQUARE = /^[[【<〈《［].*[\]】>〉》］]:?$/;
const IN_ROUND = /^\((?<inside>[^()]*)\)$/;
const SECTION =
  /^(?:(?:주|부|기본|필수|선택|추가|양념|소스|육수)\s*재료|재료|양념장?|소스|고명|밑간|반죽|토핑|sauce|dressing|marinade|toppings?|filling|garnish|for the [a-z ]+)$/i;

/**
 * Whether a line is only the name of a section: "Dressing:", "[양념]", "양념장". A line with an amount, or a food in round
 * brackets, is an ingredient.
 */
export function isHeading(catalogue: Catalogue, text: string): boolean {
  if (AMOUNT.test(text)) return false;
  if (/\S\s*[:：]$/.test(text) || IN_SQUARE.test(text)) return true;
  const name = IN_ROUND.exec(text)?.groups?.inside ?? text;
  return name === text
    ? SECTION.test(text) && !matchFood(catalogue, text)
    : !matchFood(catalogue, name) && name.trim() !== '';
}
