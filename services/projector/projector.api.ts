import { z } from 'zod';
import type { Recorded } from '../../core/fact.ts';
import { named } from '../../platform/joint.ts';
import { atMost, MESSAGE_BYTES } from '../../platform/message-size.ts';

/** Most read models, and most characters of a reason. */
const MOST_VIEWS = 50;
const MOST_REASON = 500;

const name = z.string().max(100);
const reason = z
  .string()
  .overwrite(text => text.slice(0, MOST_REASON))
  .max(MOST_REASON);

const viewStatus = z.object({
  name,
  version: z.int(),
  generation: z.int(),
  position: z.int(),
  /** keys skipped until it is rebuilt */
  parked: z.int(),
  /** it is fed with each new fact */
  live: z.boolean(),
  /** since when it has been live, or not: ISO 8601 */
  since: name,
  /** why it is not live, if its store or the log is the cause */
  reason: reason.exactOptional(),
});
export type ViewStatus = z.infer<typeof viewStatus>;

/** Joints for other services and operators. */
export const projector = named('projector', {
  status: {
    input: z.object({}),
    output: z.object({
      stopped: z.object({ name, message: reason }).optional(),
      /** the node that feeds the read models instead of this one, and since when: ISO 8601 */
      standingBy: z.object({ holder: reason, since: name }).optional(),
      projections: z.array(viewStatus).max(MOST_VIEWS),
      rebuilding: z.array(name).max(MOST_VIEWS),
    }),
  },
  /** Builds a view anew from the log while the old one serves, then swaps. Call it without a timeout. */
  rebuild: { input: z.object({ name }), output: z.object({ generation: z.int() }) },
  /** Drops an older version of a view, which a rollback or a node of an older release would need. */
  retire: { input: z.object({ name, version: z.int().min(1) }), output: z.object({ version: z.int() }) },
  /** The last facts of one stream that fit, as stored: personal fields stay sealed. */
  events: {
    input: z.object({ stream: z.string().max(200), limit: z.int().min(1).max(100).default(100) }),
    output: atMost(z.array(z.custom<Recorded>(value => typeof value === 'object' && value !== null)), MESSAGE_BYTES),
  },
});
