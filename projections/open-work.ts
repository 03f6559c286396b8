import { integer, optional, projection, text } from '../core/projection.ts';
import { recommendationFamily } from '../events/recommendation.ts';

const wait = (at: string, until: string) => ({ waitMs: Math.max(0, Date.parse(until) - Date.parse(at)), until });

/** What has still to be done: a row per stream and kind, opened and closed by facts. */
export const openWork = projection({
  name: 'open-work',
  version: 3,
  store: 'relational',
  from: [recommendationFamily],
  columns: {
    stream: text(),
    kind: text(),
    openedAt: text(),
    /** for how long it is left alone as it is, from when a worker sees it so: workers count by their own clocks */
    waitMs: integer(),
    /** until when that is by the clock of who wrote it; for people */
    until: text(),
    attempt: integer(),
    claimId: optional(text()),
    by: optional(text()),
    /** the command of the fact that opened it, and what that belongs to */
    openedBy: text(),
    correlationId: text(),
    traceparent: optional(text()),
  },
  indexes: [['kind', 'waitMs', 'openedAt']],
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
        openedAt: meta.at,
        ...wait(meta.at, kind === 'expire' ? data.expiresAt : meta.at),
        attempt: 0,
        openedBy: meta.commandId,
        correlationId: meta.correlationId,
        ...(meta.traceparent !== undefined && { traceparent: meta.traceparent }),
      };
    },
    WorkClaimed: (row, { data: { claimId, by, until, attempt }, meta: { at } }) =>
      row && { ...row, ...wait(at, until), claimId, by, attempt },
    WorkFailed(row, { data: { retryAt, attempt }, meta: { at } }) {
      if (!row) return undefined;
      const { claimId: _claim, by: _by, ...open } = row;
      return { ...open, ...wait(at, retryAt), attempt };
    },
    RecipesRanked: () => undefined,
    RecommendationFailed: () => undefined,
    RecommendationExpired: () => undefined,
  },
});
