import { z } from 'zod';
import { statuses } from '../../domain/status.ts';
import { discardReasons } from '../../events/fridge.ts';
import { amount, count, cursor, date, id, instant, language, line, prose, servings } from '../../platform/fields.ts';
import { named } from '../../platform/joint.ts';
import { atMost, PAGE_BYTES } from '../../platform/message-size.ts';
import { nothing, route } from '../../platform/route.ts';
import { MOST_PRESENT } from './room.ts';

const MOST_ITEMS = 200;
const WHEN_FULL = `409 \`fridge-full\` beyond ${MOST_PRESENT.toLocaleString('en')} present ingredients`;
const dueType = z.enum(['best_before', 'use_by']);
const unit = line(20);
const place = line(30);
const barcode = z.string().regex(/^[0-9A-Za-z-]{4,64}$/, 'is not a barcode');
const price = z.number().min(0).max(1_000_000_000);
const occurredAt = instant.optional();
const inFridge = { fridgeId: id };
const onIngredient = { fridgeId: id, ingredientId: id };

const itemFields = {
  food: id.optional(),
  name: line(200).optional(),
  amount: amount.optional(),
  unit: unit.optional(),
  place: place.optional(),
  dueDate: date.nullable().optional(),
  dueType: dueType.optional(),
  openedAt: instant.optional(),
  note: prose(2000).optional(),
  barcode: barcode.optional(),
  price: price.optional(),
};
const isNamed = ({ food, name }: { food?: unknown; name?: unknown }) => food !== undefined || name !== undefined;
const nameless = { path: ['name'], error: 'is missing' };
const item = z.strictObject(itemFields).refine(isNamed, nameless);

/** A single item, or a list. */
const items = z
  .strictObject({ ...inFridge, ...itemFields, items: z.array(item).min(1).max(MOST_ITEMS).optional(), occurredAt })
  .refine(input => input.items !== undefined || isNamed(input), nameless)
  .refine(({ fridgeId: _, items, occurredAt: __, ...one }) => !items || Object.keys(one).length === 0, {
    path: ['items'],
    error: 'stands beside the fields of a single item',
  })
  .transform(({ fridgeId, items, occurredAt, ...one }) => ({
    fridgeId,
    items: items ?? [one],
    listed: items !== undefined,
    occurredAt,
  }));

const ingredient = z.object({
  ingredientId: z.string(),
  food: z.object({ id: z.string(), name: z.string() }).optional(),
  name: z.string(),
  amount: z.number(),
  unit: z.string(),
  place: z.string(),
  dueDate: z.string().optional(),
  dueType: dueType.optional(),
  dueDateSource: z.enum(['printed', 'rule', 'user']).optional(),
  status: z.enum(statuses),
  daysLeft: z.int().optional(),
  openedAt: z.string().optional(),
  note: z.string().optional(),
  barcode: z.string().optional(),
  price: z.number().optional(),
  addedAt: z.string(),
  addedBy: z.string(),
  revision: z.int(),
});
export type IngredientOut = z.infer<typeof ingredient>;

const fridge = z.object({
  fridgeId: z.string(),
  name: z.string(),
  timeZone: z.string(),
  dueSoonDays: z.int(),
  places: z.array(z.object({ place: z.string(), kind: z.enum(['fridge', 'freezer', 'pantry', 'other']) })),
  role: z.enum(['owner', 'adult', 'guest']),
});

const paging = { limit: count(100).default(50), cursor: cursor.optional() };
const paged = { total: z.int(), nextCursor: z.string().optional() };

const changed = z.object({ actionId: z.string(), ingredient });

export const sortFields = ['dueDate', 'name', 'addedAt', 'place'] as const;

export const fridgesApi = named('fridges', {
  mine: route('GET /fridges', {
    summary: 'The fridges that I belong to, the oldest first',
    input: z.strictObject(paging),
    output: z.object({ items: z.array(fridge), ...paged }),
  }),
  fridge: route('GET /fridges/{fridgeId}', { summary: 'One fridge', input: z.strictObject(inFridge), output: fridge }),
  list: route('GET /fridges/{fridgeId}/ingredients', {
    summary: 'What is in a fridge, first due first; a search does not say how many there are in all (`total`)',
    input: z.strictObject({
      ...inFridge,
      status: z.enum(statuses).optional(),
      place: place.optional(),
      food: id.optional(),
      search: line(100).optional(),
      sort: z.enum([...sortFields, ...sortFields.map(field => `-${field}` as const)]).default('dueDate'),
      ...paging,
    }),
    output: z.object({ items: z.array(ingredient), ...paged, total: paged.total.optional() }),
  }),
  store: route('POST /fridges/{fridgeId}/ingredients', {
    summary: `Put something in, or up to ${MOST_ITEMS} things at once: all or nothing; ${WHEN_FULL}`,
    status: 201,
    input: items,
    output: z.object({ actionId: z.string(), items: z.array(ingredient) }),
  }),
  ingredient: route('GET /fridges/{fridgeId}/ingredients/{ingredientId}', {
    summary: 'One ingredient',
    input: z.strictObject(onIngredient),
    output: ingredient,
  }),
  correct: route('PATCH /fridges/{fridgeId}/ingredients/{ingredientId}', {
    summary: `Correct any field; null clears one; ${WHEN_FULL}`,
    input: z.strictObject({
      ...onIngredient,
      name: line(200).optional(),
      food: id.nullable().optional(),
      amount: amount.optional(),
      unit: unit.optional(),
      place: place.optional(),
      dueDate: date.nullable().optional(),
      dueType: dueType.optional(),
      openedAt: instant.nullable().optional(),
      note: prose(2000).nullable().optional(),
      barcode: barcode.nullable().optional(),
      price: price.nullable().optional(),
      occurredAt,
    }),
    output: changed,
  }),
  consume: route('POST /fridges/{fridgeId}/ingredients/{ingredientId}/consume', {
    summary: 'Use some of it, or all',
    input: z.strictObject({ ...onIngredient, amount: amount.optional(), unit: unit.optional(), occurredAt }),
    output: changed,
  }),
  discard: route('POST /fridges/{fridgeId}/ingredients/{ingredientId}/discard', {
    summary: 'Throw some of it away, or all',
    input: z.strictObject({
      ...onIngredient,
      reason: z.enum(discardReasons),
      amount: amount.optional(),
      unit: unit.optional(),
      occurredAt,
    }),
    output: changed,
  }),
  draft: route('POST /fridges/{fridgeId}/cookings/draft', {
    summary: 'What cooking a recipe would take: a proposal to edit',
    keyed: false,
    input: z.strictObject({
      ...inFridge,
      recipeId: id,
      version: z.int().min(1).optional(),
      servings: servings.optional(),
    }),
    output: z.object({
      recipeId: z.string(),
      version: z.int(),
      servings: z.int(),
      deductions: z.array(z.object({ ingredientId: z.string(), amount: z.number(), unit: z.string() })),
      missing: z.array(
        z.object({
          text: z.string(),
          foodId: z.string().optional(),
          amount: z.number().optional().describe('how much more is needed'),
          unit: z.string().optional(),
        }),
      ),
    }),
  }),
  cook: route('POST /fridges/{fridgeId}/cookings', {
    summary: `Cook a recipe: takes what it needed and keeps what was left over, as one action; ${WHEN_FULL}`,
    status: 201,
    input: z.strictObject({
      ...inFridge,
      recipeId: id,
      version: z.int().min(1),
      servings,
      deductions: z
        .array(z.strictObject({ ingredientId: id, amount, unit: unit.optional() }))
        .max(MOST_ITEMS)
        .refine(list => new Set(list.map(({ ingredientId }) => ingredientId)).size === list.length, {
          error: 'names an ingredient twice',
        }),
      leftovers: z.array(item).max(20).default([]),
      recommendationId: id.optional(),
      occurredAt,
    }),
    output: z.object({ cookingId: z.string(), actionId: z.string() }),
  }),
  undo: route('POST /fridges/{fridgeId}/undo', {
    summary: 'Take the last action back',
    input: z.strictObject({ ...inFridge, actionId: id, occurredAt }),
    output: z.object({ actionId: z.string() }),
  }),
});

const batch = z.object({
  ingredientId: z.string(),
  foodId: z.string().exactOptional(),
  name: z.string(),
  /** 1/1000 of `base` */
  amount: z.number(),
  base: z.string(),
  unit: z.string(),
  /** 1/1000 of `base` in one `unit` */
  perUnit: z.number(),
  dueDate: z.string().exactOptional(),
  dueType: dueType.exactOptional(),
  openedAt: z.string().exactOptional(),
  addedAt: z.string(),
});

/** An ingredient without note, place and price, which a cook does not need. */
export const batchOf = (ingredient: z.input<typeof batch>): z.output<typeof batch> => batch.parse(ingredient);

const stock = z.object({
  /** of the fridge */
  revision: z.int(),
  /** the present date in its time zone */
  today: z.string().max(10),
  dueSoonDays: z.int(),
  batches: atMost(z.array(batch).readonly(), PAGE_BYTES),
});
/** The stock of a fridge, for ranking and cooking. */
export type Stock = z.infer<typeof stock>;

/** A command's metadata without its deadline, which is valid in one process only. */
const command = z.object({
  commandId: id,
  correlationId: id.exactOptional(),
  causationId: id.exactOptional(),
  actor: id.exactOptional(),
  occurredAt: id.exactOptional(),
  traceparent: id.exactOptional(),
  fingerprint: id.exactOptional(),
});

/** Joints for other services. */
export const fridges = named('fridges', {
  /** Opens the first fridge of a new member; `command` is the registration. */
  open: { input: z.object({ fridgeId: id, timeZone: id, language, owner: id, command }), output: nothing },
  /**
   * The stock at revision `atLeast` or later, without the first `skip` batches; for a member of the fridge, if `for`
   * names one. `more`: the rest did not fit. `whole-stock.ts` asks for all of it.
   */
  stock: {
    input: z.object({
      fridgeId: id,
      atLeast: z.int().min(0).default(0),
      skip: z.int().min(0).default(0),
      for: id.exactOptional(),
    }),
    output: stock.extend({ more: z.boolean() }),
  },
});
