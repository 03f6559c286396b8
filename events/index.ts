import type { Family } from '../core/fact.ts';
import { logFamily } from '../core/log-identity.ts';
import type { FamilyWork } from '../core/work.ts';
import { fridgeFamily } from './fridge.ts';
import { memberFamily } from './member.ts';
import { recipeFamily } from './recipe.ts';
import { recommendationFamily, recommendationWork } from './recommendation.ts';
import { emailFamily, nicknameFamily } from './reservation.ts';

/** All families of streams. */
export const allFamilies: readonly Family[] = [
  logFamily,
  memberFamily,
  emailFamily,
  nicknameFamily,
  fridgeFamily,
  recipeFamily,
  recommendationFamily,
];

/** All kinds of work that facts open. */
export const allWork: readonly FamilyWork[] = [recommendationWork];
