import { projection, text } from '../core/projection.ts';
import { fridgeFamily, type Role } from '../events/fridge.ts';

/** Who belongs to which fridge: a row per fridge and member. */
export const fridges = projection({
  name: 'fridges',
  version: 1,
  store: 'relational',
  from: [fridgeFamily],
  columns: {
    fridgeId: text(),
    memberId: text(),
    role: text<Role>(),
    openedAt: text(),
  },
  indexes: [['memberId', 'openedAt']],
  keys: ({ data, stream }) => ('owner' in data ? [`${fridgeFamily.idOf(stream)} ${data.owner}`] : []),
  on: {
    FridgeOpened: (_row, { data, meta }) => ({
      fridgeId: data.fridgeId,
      memberId: data.owner,
      role: 'owner' as const,
      openedAt: meta.at,
    }),
    IngredientStored: 'ignored',
    CookingRecorded: 'ignored',
    IngredientConsumed: 'ignored',
    IngredientDiscarded: 'ignored',
    IngredientCorrected: 'ignored',
    ActionUndone: 'ignored',
    IngredientRestored: 'ignored',
  },
});
