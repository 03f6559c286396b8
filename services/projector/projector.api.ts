import { z } from 'zod';
import type { Recorded } from '../../core/fact.ts';
import { named } from '../../platform/joint.ts';

const memberStatus = z.object({
  name: z.string(),
  version: z.int(),
  generation: z.int(),
  position: z.int(),
  /** keys that are skipped until it is rebuilt */
  parked: z.int(),
  /** it takes in every fact as it is written */
  live: z.boolean(),
  /** since when it has been live, or not: ISO 8601 */
  since: z.string(),
  /** why it is not live, if its store or the log is the reason */
  reason: z.string().exactOptional(),
});
export type MemberStatus = z.infer<typeof memberStatus>;

/** For other services and for operators. */
export const projector = named('projector', {
  status: {
    input: z.object({}),
    output: z.object({
      stopped: z.object({ name: z.string(), message: z.string() }).optional(),
      projections: z.array(memberStatus),
      rebuilding: z.array(z.string()),
    }),
  },
  /** Builds a view anew from the log while the old one serves, then swaps. Call it without a timeout. */
  rebuild: { input: z.object({ name: z.string().max(100) }), output: z.object({ generation: z.int() }) },
  /** The last facts of one stream, as they are stored: personal fields stay sealed. */
  events: {
    input: z.object({ stream: z.string().max(200), limit: z.int().min(1).max(100).default(100) }),
    output: z.array(z.custom<Recorded>(value => typeof value === 'object' && value !== null)),
  },
});
