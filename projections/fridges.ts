import { integer, json, projection, text } from '../core/projection.ts';
import { fridgeFamily, type PlaceKind, type Role } from '../events/fridge.ts';

/** The fridges without their ingredients: settings, and the members with their roles. */
export const fridges = projection({
  name: 'fridges',
  version: 2,
  store: 'relational',
  from: [fridgeFamily],
  columns: {
    fridgeId: text(),
    name: text(),
    timeZone: text(),
    dueSoonDays: integer(),
    places: json<readonly { readonly place: string; readonly kind: PlaceKind }[]>(),
    members: json<readonly { readonly memberId: string; readonly role: Role }[]>(),
  },
  keys: ({ stream }) => [fridgeFamily.idOf(stream)],
  on: {
    FridgeOpened(_row, { data }) {
      const { fridgeId, name, timeZone, dueSoonDays, places, owner } = data;
      const members = [{ memberId: owner, role: 'owner' as const }];
      return { fridgeId, name, timeZone, dueSoonDays, places, members };
    },
    IngredientStored: 'ignored',
    CookingRecorded: 'ignored',
    IngredientConsumed: 'ignored',
    IngredientDiscarded: 'ignored',
    IngredientCorrected: 'ignored',
    ActionUndone: 'ignored',
    IngredientRestored: 'ignored',
  },
});
