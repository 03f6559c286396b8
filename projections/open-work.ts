import { integer, optional, projection, text } from '../core/projection.ts';
import { recommendationFamily } from '../events/recommendation.ts';

/** What has still to be done: a row per stream and kind, opened and closed by facts. */
export const openWork = projection({
  name: 'open-work',
  version: 2,
  store: 'relational',
  from: [recommendationFamily],
  columns: {
    stream: text(),
    kind: text(),
    dueAt: text(),
    attempt: integer(),
    claimId: optional(text()),
    by: optional(text()),
    /** for people; workers count by their own clocks */
    until: optional(text()),
    openedAt: text(),
    /** the command of the fact that opened it, and what that belongs to */
    openedBy: text(),
    correlationId: text(),
    traceparent: optional(text()),
  },
  indexes: [['kind', 'dueAt']],
  keys({ type, data, stream }) {
    if (type === 'WorkClaimed' || type === 'WorkFailed') return [`${stream} ${data.kind}`];
    return [`${stream} rank`, `${stream} expire`];
  },
  on: {
    RecommendationRequested(_row, { data, meta, stream }, key) {
      const kind = key.slice(stream.length + 1);
      return {
        stream,
        kind,
        dueAt: kind === 'expire' ? data.expiresAt : meta.at,
        attempt: 0,
        openedAt: meta.at,
        openedBy: meta.commandId,
        correlationId: meta.correlationId,
        ...(meta.traceparent !== undefined && { traceparent: meta.traceparent }),
      };
    },
    WorkClaimed: (row, { data: { claimId, by, until, attempt } }) => row && { ...row, claimId, by, until, attempt },
    WorkFailed(row, { data: { retryAt, attempt } }) {
      if (!row) return undefined;
      const { claimId: _claim, by: _by, until: _until, ...open } = row;
      return { ...open, attempt, dueAt: retryAt };
    },
    RecipesRanked: () => undefined,
    RecommendationFailed: () => undefined,
    RecommendationExpired: () => undefined,
  },
});
