import { Refused } from '../../core/errors.ts';
import type { Sealed } from '../../core/sealed.ts';
import { amountOf } from '../../domain/bought.ts';
import type { Catalogue } from '../../domain/catalogue.ts';
import { addDays, localDate } from '../../domain/dates.ts';
import type { Food } from '../../domain/food.ts';
import { type Meaning, meaningOf } from '../../domain/foods.ts';
import { isStill, type Keeping, keepingOf } from '../../domain/keeping.ts';
import type { Language } from '../../domain/language.ts';
import { toBase, unitOf } from '../../domain/units.ts';
import type { DueRule, DueType, IngredientValues, PlaceKind } from '../../events/fridge.ts';

/** An ingredient as given by a member, with `food` (a catalogue id) or `name`. */
export interface NewIngredient {
  readonly food?: string | undefined;
  readonly name?: string | undefined;
  readonly amount?: number | undefined;
  readonly unit?: string | undefined;
  readonly place?: string | undefined;
  /** null: no date, regardless of the rule */
  readonly dueDate?: string | null | undefined;
  readonly dueType?: DueType | undefined;
  readonly openedAt?: string | undefined;
  readonly note?: Sealed | undefined;
  readonly barcode?: string | undefined;
  readonly price?: number | undefined;
}

/** Place and time of a storing or correction, and the known foods. */
export interface Kitchen {
  readonly catalogue: Catalogue;
  readonly places: ReadonlyMap<string, PlaceKind>;
  readonly timeZone: string;
  /** the instant of the command */
  readonly at: string;
}

export interface Stocked {
  readonly values: IngredientValues;
  readonly matched?: number;
  readonly rule?: DueRule;
}

interface Identified {
  readonly food?: Food;
  readonly name: string;
  readonly matched?: number;
  /** certainty of the name's food; missing if the food was given by its id */
  readonly meaning?: Meaning;
}

/** The food of an item, and its name to show, from one match of the name. @throws Refused `unknown-food` */
export function identify(
  catalogue: Catalogue,
  food: string | undefined,
  name: string | undefined,
  language: Language = 'ko',
): Identified {
  if (food !== undefined) {
    const known = catalogue.byId.get(food);
    if (!known) throw invalid('unknown-food', 'food', `there is no food "${food}" in the catalogue`);
    return { food: known, name: name ?? known.name[language], matched: 1 };
  }
  const meaning = meaningOf(catalogue, name!);
  const { match } = meaning;
  const isMeant = match !== undefined && isStill(match);
  return { name: name!, meaning, ...(isMeant && { food: match.food, matched: match.sure }) };
}

/** Fills in missing values: the food, its usual purchase, its usual place, and a date by its shelf life there. */
export function stock(item: NewIngredient, kitchen: Kitchen & { today: string; language?: Language }): Stocked {
  requirePast('openedAt', item.openedAt, kitchen.at);
  const { food, name, matched, meaning } = identify(kitchen.catalogue, item.food, item.name, kitchen.language);
  const quantity = amountOf(kitchen.catalogue, item, food, name);
  const unit = unitOf(quantity.unit);
  const amount = baseAmount(quantity.amount, unit.perUnit);
  const keeping = meaning ? keepingOf(kitchen.catalogue, food?.id, name, meaning) : food;
  const place = item.place ?? keeping?.place ?? 'fridge';
  placeKind(kitchen.places, place);
  const dueType = item.dueType ?? keeping?.dueType;
  const rule = item.dueDate === undefined ? dueRule(keeping, { ...item, place }, kitchen) : undefined;
  const dueDate = item.dueDate === undefined ? rule && dueOn(rule) : (item.dueDate ?? undefined);
  return {
    values: {
      name,
      ...(food && { foodId: food.id }),
      amount,
      base: unit.base,
      unit: unit.code,
      perUnit: unit.perUnit,
      bought: amount,
      place,
      ...(dueDate !== undefined && { dueDate, dueDateSource: rule ? ('rule' as const) : ('printed' as const) }),
      ...(dueDate !== undefined && { dueType: dueType ?? 'best_before' }),
      ...(item.openedAt !== undefined && { openedAt: item.openedAt }),
      ...(item.note !== undefined && { note: item.note }),
      ...(item.barcode !== undefined && { barcode: item.barcode }),
      ...(item.price !== undefined && { price: item.price }),
    },
    ...(matched !== undefined && { matched }),
    ...(rule && { rule }),
  };
}

/** the largest exact amount, in 1/1000 base units */
export const MOST = Number.MAX_SAFE_INTEGER;

/** @throws Refused if the amount rounds to zero, or is too large to be exact */
export function baseAmount(amount: number, perUnit: number): number {
  const base = toBase(amount, { perUnit });
  if (base <= 0) throw invalid('amount-too-small', 'amount', 'the amount is too small to be kept');
  if (!(base <= MOST)) throw invalid('amount-too-large', 'amount', 'the amount is too large to be kept');
  return base;
}

/** @throws Refused `unknown-place` */
export function placeKind(places: ReadonlyMap<string, PlaceKind>, place: string): PlaceKind {
  const kind = places.get(place);
  if (kind) return kind;
  throw invalid(
    'unknown-place',
    'place',
    `this fridge has no place "${place}"; it has ${[...places.keys()].join(', ')}`,
  );
}

/**
 * The shelf life of an item at its place. Days count from `today`, the day of storing, or from its opening if that
 * shortens them: opening late does not extend them.
 */
export function dueRule(
  keeping: Keeping | undefined,
  { place, openedAt }: { readonly place: string; readonly openedAt?: string | undefined },
  { places, timeZone, today }: Omit<Kitchen, 'at'> & { readonly today: string },
): DueRule | undefined {
  const kind = placeKind(places, place);
  if (!keeping || kind === 'other') return undefined;
  const days = keeping.shelfLife[kind];
  const openedDays = openedAt === undefined ? undefined : keeping.opened?.[kind];
  const unopened = days === undefined ? undefined : { days, from: today, place };
  const opened =
    openedDays === undefined ? undefined : { days: openedDays, from: localDate(openedAt!, timeZone), place };
  if (unopened && opened) return dueOn(opened) < dueOn(unopened) ? opened : unopened;
  return opened ?? unopened;
}

export const dueOn = ({ from, days }: DueRule): string => addDays(from, days);

/** tolerance for clocks */
const SKEW_MS = 5 * 60_000;

/** @throws Refused `in-the-future` */
export function requirePast(path: string, instant: string | null | undefined, at: string): void {
  if (instant && Date.parse(instant) > Date.parse(at) + SKEW_MS) {
    throw invalid('in-the-future', path, 'is in the future');
  }
}

/** Adds the path of a part, such as `items[3]`, to a refusal of that part. */
export function within<T>(part: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const errors = error.data.errors as { path: string; message: string }[] | undefined;
    const placed = errors?.map(({ path, message }) => ({ path: `${part}.${path}`, message }));
    throw new Refused(error.kind, error.code, error.message, {
      ...error.data,
      errors: placed ?? [{ path: part, message: error.message }],
    });
  }
}

/** A well-formed field without a meaning here. */
export const invalid = (code: string, path: string, message: string): Refused =>
  new Refused('invalid', code, message, { errors: [{ path, message }] });
