import type { Sealed } from '../../core/sealed.ts';
import { fromBase, type Unit, unitOf } from '../../domain/units.ts';
import type { Changed, DueType, IngredientValues, PlaceKind } from '../../events/fridge.ts';
import { baseAmount, identify, placeKind } from './stock.ts';

/** A PATCH: `null` clears a field, a missing one stays. */
export interface Patch {
  readonly name?: string | undefined;
  readonly food?: string | null | undefined;
  readonly amount?: number | undefined;
  readonly unit?: string | undefined;
  readonly place?: string | undefined;
  readonly dueDate?: string | null | undefined;
  readonly dueType?: DueType | undefined;
  readonly openedAt?: string | null | undefined;
  readonly note?: Sealed | null | undefined;
  readonly barcode?: string | null | undefined;
  readonly price?: number | null | undefined;
}

/** The new values of exactly the fields that a correction changes; nothing where all is like that already. */
export function correction(now: IngredientValues, patch: Patch, places: ReadonlyMap<string, PlaceKind>): Changed {
  if (patch.place !== undefined) placeKind(places, patch.place);
  const { place, openedAt, note, barcode, price } = patch;
  const wanted: Changed = {
    ...named(now, patch),
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
function named(now: IngredientValues, { name: given, food }: Patch): Changed {
  const name = given === now.name ? undefined : given;
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
  const bought = Math.max(amount, boughtThen(now, amount, unit, patch.amount !== undefined));
  return { amount, base: unit.base, unit: unit.code, perUnit: unit.perUnit, bought };
}

/**
 * What is corrected was never otherwise. Where amounts can be compared, so much more or less was bought, and what was
 * used since then stays used; else the same share of it is left.
 */
function boughtThen(
  now: IngredientValues,
  amount: number,
  unit: Pick<Unit, 'base' | 'perUnit'>,
  counted: boolean,
): number {
  if (counted && unit.base === now.base) return now.bought + amount - now.amount;
  const scale = now.amount > 0 ? amount / now.amount : unit.perUnit / now.perUnit;
  return Math.round(now.bought * scale);
}

function dated(now: IngredientValues, { dueDate, dueType }: Patch): Changed {
  if (dueDate === null) return { dueDate: null, dueType: null, dueDateSource: null };
  return {
    ...(dueDate !== undefined && {
      dueDate,
      dueDateSource: 'user' as const,
      dueType: dueType ?? now.dueType ?? 'best_before',
    }),
    ...(dueDate === undefined && now.dueDate !== undefined && dueType !== undefined && { dueType }),
  };
}
