import { z } from 'zod';
import { statuses } from '../../domain/status.ts';
import { id, servings } from '../../platform/fields.ts';
import { named } from '../../platform/joint.ts';
import { route } from '../../platform/route.ts';

const MOST_FOODS = 50;
const foods = z.array(id).max(MOST_FOODS).optional();

const amount = { amount: z.number().optional(), unit: z.string().optional() };
const recommended = z.object({
  recipeId: z.string(),
  version: z.int(),
  title: z.string(),
  tier: z.enum(['ready', 'staples', 'shopping']),
  coverage: z.number().describe('0..1'),
  score: z.number(),
  minutes: z.int().optional(),
  uses: z.array(
    z.object({
      ingredientId: z.string(),
      foodId: z.string(),
      amount: z.number(),
      unit: z.string(),
      dueDate: z.string().optional(),
      status: z.enum(statuses).optional(),
    }),
  ),
  usesFirst: z.array(z.string()),
  missing: z.array(z.object({ foodId: z.string().optional(), name: z.string(), text: z.string(), ...amount })),
  partial: z.array(
    z.object({ foodId: z.string(), name: z.string(), have: z.number(), need: z.number(), unit: z.string() }),
  ),
  substitutions: z.array(z.object({ foodId: z.string(), by: z.string() })),
  warnings: z.array(z.string()),
  explanation: z.array(z.string()),
});
export type RecommendedOut = z.infer<typeof recommended>;

const status = z.enum(['requested', 'composing', 'done', 'failed', 'expired', 'cancelled']);

export const recommendationsApi = named('recommendations', {
  request: route('POST /fridges/{fridgeId}/recommendations', {
    summary: 'Ask what can be cooked from what is there',
    status: 202,
    input: z.strictObject({
      fridgeId: id,
      servings: servings.optional(),
      maxMinutes: z.int().min(1).max(10_000).optional(),
      include: foods,
      exclude: foods,
      compose: z.boolean().optional().describe('no model is configured in this release: ranking is the answer'),
      limit: z.int().min(1).max(50).default(20),
    }),
    output: z.object({ recommendationId: z.string(), status }),
  }),
  recommendation: route('GET /recommendations/{recommendationId}', {
    summary: 'The answer, as far as it is there',
    input: z.strictObject({ recommendationId: id }),
    output: z.object({
      recommendationId: z.string(),
      fridgeId: z.string(),
      status,
      recipes: z.array(recommended),
      failure: z.string().optional(),
    }),
  }),
});

/** Joints for other services. */
export const recommendations = named('recommendations', {
  /** For `/readyz`: whether the worker runs. */
  status: { input: z.object({}), output: z.object({ isWorking: z.boolean() }) },
  /** For cooking: whether a fridge has this recommendation. */
  isOf: { input: z.object({ recommendationId: id, fridgeId: id }), output: z.boolean() },
});
