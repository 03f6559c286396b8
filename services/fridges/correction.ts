import type { Sealed } from '../../core/sealed.ts';
import { localDate } from '../../domain/dates.ts';
import { type Meaning, meaningOf } from '../../domain/foods.ts';
import { keepingOf } from '../../domain/keeping.ts';
import { fromBase, type Unit, unitOf } from '../../domain/units.ts';
import type { Changed, DueRule, DueType, IngredientValues } from '../../events/fridge.ts';
import type { Ingredient } from './fridge.state.ts';
import { baseAmount, dueOn, dueRule, identify, type Kitchen, MOST, placeKind, requirePast } from './stock.ts';

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

interface Correction {
  readonly changed: Changed;
  /** certainty of the food of a new name */
  readonly matched?: number;
  /** the rule of the new date */
  readonly rule?: DueRule;
}

/** The new values of exactly the fields that a correction changes; undefined if nothing changes. */
export function correction(now: Ingredient, patch: Patch, kitchen: Kitchen): Correction {
  if (patch.place !== undefined) placeKind(kitchen.places, patch.place);
  requirePast('openedAt', patch.openedAt, kitchen.at);
  const { place, openedAt, note, barcode, price } = patch;
  const { matched, meaning, ...names } = named(now, patch, kitchen);
  const changes = differing(now, {
    ...names,
    ...measured(now, patch),
    ...Object.fromEntries(
      Object.entries({ place, openedAt, note, barcode, price }).filter(([, value]) => value !== undefined),
    ),
  });
  const { changed, ...rest } = dated(now, changes, patch, kitchen, meaning);
  return { changed: { ...changes, ...differing(now, changed) }, ...(matched !== undefined && { matched }), ...rest };
}

const differing = (now: IngredientValues, wanted: Changed): Changed =>
  Object.fromEntries(
    Object.entries(wanted).filter(([field, value]) => (now[field as keyof IngredientValues] ?? null) !== value),
  );

/** A new name may mean another food; an explicit food overrides the name. */
function named(
  now: IngredientValues,
  { name: given, food }: Patch,
  { catalogue }: Kitchen,
): Changed & { matched?: number; meaning?: Meaning } {
  const name = given === now.name ? undefined : given;
  if (food === null) return { foodId: null, ...(name !== undefined && { name }) };
  if (name === undefined && food === undefined) return {};
  const { food: meant, matched, meaning } = identify(catalogue, food, name);
  return {
    foodId: meant?.id ?? null,
    ...(name !== undefined && { name }),
    ...(matched !== undefined && { matched }),
    ...(meaning && { meaning }),
  };
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
 * A correction replaces the past. If amounts can be compared, the bought amount changes and the used amount stays;
 * otherwise the same share is left. Nobody gave this number, so it is never refused: it stops growing at the limit of
 * exact integers.
 */
function boughtThen(
  now: IngredientValues,
  amount: number,
  unit: Pick<Unit, 'base' | 'perUnit'>,
  counted: boolean,
): number {
  if (counted && unit.base === now.base) return Math.min(now.bought + (amount - now.amount), MOST);
  const scale = now.amount > 0 ? amount / now.amount : unit.perUnit / now.perUnit;
  return Math.min(Math.round(now.bought * scale), MOST);
}

/**
 * A date given by a person stays. A date by rule is computed again if the rule's input has changed. `meaning`: of the
 * new name, if it was matched.
 */
function dated(
  now: Ingredient,
  changes: Changed,
  { dueDate, dueType }: Patch,
  kitchen: Kitchen,
  meaning: Meaning | undefined,
): Correction {
  if (dueDate === null) return { changed: { dueDate: null, dueType: null, dueDateSource: null } };
  if (dueDate !== undefined) {
    return { changed: { dueDate, dueDateSource: 'user', dueType: dueType ?? now.dueType ?? 'best_before' } };
  }
  if (now.dueDateSource === 'rule') {
    const before = meaningOf(kitchen.catalogue, now.name);
    const name = changes.name ?? now.name;
    const after = name === now.name ? before : (meaning ?? meaningOf(kitchen.catalogue, name));
    const isOther =
      'foodId' in changes || 'place' in changes || 'openedAt' in changes || after.prepared !== before.prepared;
    if (isOther) return dueAgain(now, changes, dueType, kitchen, after);
  }
  return { changed: now.dueDate !== undefined && dueType !== undefined ? { dueType } : {} };
}

/**
 * The date as if the item had been stored so. Without a rule there is no date, but its source stays `rule`, so that the
 * next correction may bring it back.
 */
function dueAgain(
  now: Ingredient,
  changes: Changed,
  dueType: DueType | undefined,
  kitchen: Kitchen,
  meaning: Meaning,
): Correction {
  const { foodId, name, place, openedAt } = { ...now, ...changes };
  const keeping = keepingOf(kitchen.catalogue, foodId ?? undefined, name!, meaning);
  const where = { place: place!, openedAt: openedAt ?? undefined };
  const rule = dueRule(keeping, where, { ...kitchen, today: localDate(now.addedAt, kitchen.timeZone) });
  if (!rule) return { changed: { dueDate: null, dueType: null } };
  const ownType = 'foodId' in changes ? undefined : now.dueType;
  return { changed: { dueDate: dueOn(rule), dueType: dueType ?? ownType ?? keeping!.dueType }, rule };
}
