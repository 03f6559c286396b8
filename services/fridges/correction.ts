import { fromBase, unitOf } from '../../domain/units.ts';
import type { Changed, IngredientValues, PlaceKind } from '../../events/fridge.ts';
import type { Patch } from './fridge.decider.ts';
import { baseAmount, identify, placeKind } from './stock.ts';

/** The new values of exactly the fields that a correction changes; nothing where all is like that already. */
export function correction(now: IngredientValues, patch: Patch, places: ReadonlyMap<string, PlaceKind>): Changed {
  if (patch.place !== undefined) placeKind(places, patch.place);
  const { place, openedAt, note, barcode, price } = patch;
  const wanted: Changed = {
    ...named(patch),
    ...measured(now, patch),
    ...dated(now, patch),
    ...Object.fromEntries(
      Object.entries({ place, openedAt, note, barcode, price }).filter(([, value]) => value !== undefined),
    ),
  };
  return Object.fromEntries(
    Object.entries(wanted).filter(([field, value]) => (now[field as keyof IngredientValues] ?? null) !== value),
  );
}

/** A new name may mean another food; a food that is named holds whatever the name says. */
function named({ name, food }: Patch): Changed {
  if (food === null) return { foodId: null, ...(name !== undefined && { name }) };
  if (name === undefined && food === undefined) return {};
  const meant = identify(food, name);
  return { foodId: meant.food?.id ?? null, ...(name !== undefined && { name }) };
}

/** "500 g, not kg" corrects the unit and keeps the number. */
function measured(now: IngredientValues, patch: Patch): Changed {
  if (patch.amount === undefined && patch.unit === undefined) return {};
  const unit = patch.unit === undefined ? { ...now, code: now.unit } : unitOf(patch.unit);
  const shown = patch.amount ?? fromBase(now.amount, now.perUnit);
  const amount = shown === 0 ? 0 : baseAmount(shown, unit.perUnit);
  return { amount, base: unit.base, unit: unit.code, perUnit: unit.perUnit };
}

function dated(now: IngredientValues, { dueDate, dueType }: Patch): Changed {
  if (dueDate === null) return { dueDate: null, dueType: null, dueDateSource: null };
  return {
    ...(dueDate !== undefined && {
      dueDate,
      dueDateSource: 'user' as const,
      dueType: dueType ?? now.dueType ?? 'best_before',
    }),
    ...(dueDate === undefined && dueType !== undefined && { dueType }),
  };
}
