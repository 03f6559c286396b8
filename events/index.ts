import type { Family } from '../core/fact.ts';
import { logFamily } from '../core/log-identity.ts';
import { fridgeFamily } from './fridge.ts';
import { memberFamily } from './member.ts';
import { recipeFamily } from './recipe.ts';
import { recommendationFamily } from './recommendation.ts';
import { emailFamily, nicknameFamily } from './reservation.ts';

/** Every family of streams there is. */
export const allFamilies: readonly Family[] = [
  logFamily,
  memberFamily,
  emailFamily,
  nicknameFamily,
  fridgeFamily,
  recipeFamily,
  recommendationFamily,
];
