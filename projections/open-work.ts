import type { Recorded } from '../core/fact.ts';
import { familyOf } from '../core/fact.ts';
import { integer, optional, projection, type RowOf, text } from '../core/projection.ts';
import { type FamilyWork, isWorkFact, type WorkFact } from '../core/work.ts';
import { allWork } from '../events/index.ts';

const columns = {
  /** name of the stream's family */
  family: text(),
  stream: text(),
  kind: text(),
  openedAt: text(),
  /** how long workers wait with the row in its present state, by their own clocks, from when they first saw it */
  waitMs: integer(),
  /** the end of that wait by the writer's clock */
  until: text(),
  attempt: integer(),
  claimId: optional(text()),
  by: optional(text()),
  /** the command that opened it, and its correlation */
  openedBy: text(),
  correlationId: text(),
  traceparent: optional(text()),
};

export type OpenWorkRow = RowOf<typeof columns>;

const wait = (at: string, until: string) => ({ waitMs: Math.max(0, Date.parse(until) - Date.parse(at)), until });

/** Open work of these kinds: a row per stream and kind, opened and closed by facts. */
export function openWorkOf(declared: readonly FamilyWork[]) {
  const kindsOf = new Map(declared.map(({ family, kinds }) => [family.name, Object.entries(kinds)]));
  /** the kinds of work that a fact opens or closes */
  const touched = ({ type, stream }: Recorded) =>
    (kindsOf.get(familyOf(stream)) ?? []).filter(
      ([, { openedBy, closedBy }]) => Object.hasOwn(openedBy, type) || closedBy.includes(type),
    );

  function fold(row: OpenWorkRow | undefined, event: Recorded, key: string): OpenWorkRow | undefined {
    if (isWorkFact(event)) return row && tried(row, event, event.meta.at);
    const { stream, type, meta } = event;
    const [kind, { openedBy }] = touched(event).find(([name]) => key === keyOf(stream, name))!;
    if (!Object.hasOwn(openedBy, type)) return undefined;
    const due = openedBy[type]!;
    return {
      family: familyOf(stream),
      stream,
      kind,
      openedAt: meta.at,
      ...wait(meta.at, due === 'at-once' ? meta.at : due(event)),
      attempt: 0,
      openedBy: meta.commandId,
      correlationId: meta.correlationId,
      ...(meta.traceparent !== undefined && { traceparent: meta.traceparent }),
    };
  }

  return projection({
    name: 'open-work',
    version: 4,
    store: 'relational',
    from: declared.map(({ family }) => family),
    columns,
    indexes: [['family', 'kind', 'waitMs', 'openedAt']],
    keys: event =>
      isWorkFact(event)
        ? [keyOf(event.stream, event.data.kind)]
        : touched(event).map(([kind]) => keyOf(event.stream, kind)),
    on: Object.fromEntries(declared.flatMap(({ family }) => Object.keys(family.kinds)).map(type => [type, fold])),
  });
}

const keyOf = (stream: string, kind: string) => `${stream} ${kind}`;

function tried(row: OpenWorkRow, { type, data }: WorkFact, at: string): OpenWorkRow {
  const { claimId: _claim, by: _by, ...open } = row;
  const { attempt } = data;
  if (type === 'WorkFailed') return { ...open, ...wait(at, data.retryAt), attempt };
  return { ...open, ...wait(at, data.until), claimId: data.claimId, by: data.by, attempt };
}

export const openWork = openWorkOf(allWork);
