import { projection, text } from '../core/projection.ts';
import { fridgeFamily } from '../events/fridge.ts';

/** Memberships: a row per fridge and member. */
export const memberships = projection({
  name: 'memberships',
  version: 1,
  store: 'relational',
  from: [fridgeFamily],
  columns: {
    fridgeId: text(),
    memberId: text(),
    openedAt: text(),
  },
  indexes: [['memberId', 'openedAt']],
  keys: ({ data, stream }) => ('owner' in data ? [`${fridgeFamily.idOf(stream)} ${data.owner}`] : []),
  on: {
    FridgeOpened: (_row, { data, meta }) => ({
      fridgeId: data.fridgeId,
      memberId: data.owner,
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
