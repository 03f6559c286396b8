import type { Sealed } from '../../core/sealed.ts';
import type { Catalogue } from '../../domain/catalogue.ts';
import type { Language } from '../../domain/language.ts';
import { statusOn } from '../../domain/status.ts';
import { fromBase } from '../../domain/units.ts';
import type { IngredientValues } from '../../events/fridge.ts';
import type { IngredientOut } from './fridges.api.ts';

type Shown = IngredientValues & {
  readonly ingredientId: string;
  readonly addedAt: string;
  readonly addedBy: string;
  readonly revision: number;
};

/** An ingredient for the answer. Status and days left are computed from the fridge's present date. */
export async function shown(
  ingredient: Shown,
  at: { today: string; dueSoonDays: number; language: Language; catalogue: Catalogue },
  reveal: (note: Sealed | undefined) => Promise<string | undefined>,
): Promise<IngredientOut> {
  const {
    foodId,
    amount,
    perUnit,
    unit,
    note,
    voided: _voided,
    base: _base,
    bought: _bought,
    dueDateSource,
    ...rest
  } = ingredient;
  const food = foodId === undefined ? undefined : at.catalogue.byId.get(foodId);
  const plainNote = await reveal(note);
  return {
    ...rest,
    ...(food && { food: { id: food.id, name: food.name[at.language] } }),
    amount: fromBase(amount, perUnit),
    unit,
    ...(rest.dueDate !== undefined && { dueDateSource }),
    ...statusOn(at.today, ingredient, at.dueSoonDays),
    ...(plainNote !== undefined && { note: plainNote }),
  };
}
