import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type EventOf, fact, family } from '../core/fact.ts';
import { action, projecting } from '../core/testing/given.ts';
import { familyWork } from '../core/work.ts';
import { type RecommendationEvent, recommendationWork } from '../events/recommendation.ts';
import { workKinds } from '../events/work.ts';
import { openWork, openWorkOf, type OpenWorkRow as Row } from './open-work.ts';

const OPENED = '2026-03-10T08:00:00.000Z';
const EXPIRES = '2026-03-10T08:10:00.000Z';
const UNTIL = '2026-03-10T09:00:15.000Z';
const RETRY = '2026-03-10T09:00:01.000Z';
const stream = 'recommendation-r1';

const requested: RecommendationEvent = {
  type: 'RecommendationRequested',
  data: {
    ...{ recommendationId: 'r1', fridgeId: 'f1', fridgeRevision: 7, wish: { limit: 5 } },
    expiresAt: EXPIRES,
  },
};
const claimed = (claimId: string, attempt: number, kind = 'rank'): RecommendationEvent => ({
  type: 'WorkClaimed',
  data: { kind, claimId, by: 'node-1', until: UNTIL, attempt },
});
const failed = (claimId: string, attempt: number, kind = 'rank'): RecommendationEvent => ({
  type: 'WorkFailed',
  data: { kind, claimId, attempt, retryAt: RETRY },
});
const ends: RecommendationEvent[] = [
  { type: 'RecipesRanked', data: { claimId: 'a', fridgeRevision: 7, recipes: [], composing: false } },
  { type: 'RecommendationFailed', data: { claimId: 'a', reason: 'internal' } },
  { type: 'RecommendationExpired', data: { claimId: 'x' } },
];

const opened = action({ stream, at: OPENED, commandId: 'asked' }, requested);
/** All in the same moment, by the clock of somebody who is an hour ahead: only spans count. */
const AHEAD = '2026-03-10T09:00:00.000Z';
const later = (...facts: RecommendationEvent[]) => facts.map(fact => action({ stream, at: AHEAD }, fact));
const row = (kind: 'rank' | 'expire', rest: Partial<Row> = {}): Row => ({
  ...{ family: 'recommendation', stream, kind, attempt: 0, openedAt: OPENED },
  ...(kind === 'rank' ? { waitMs: 0, until: OPENED } : { waitMs: 600_000, until: EXPIRES }),
  ...{ openedBy: 'asked', correlationId: 'asked' },
  ...rest,
});
const atIt = (claimId: string, attempt: number) => ({
  ...{ claimId, by: 'node-1', attempt },
  ...{ waitMs: 15_000, until: UNTIL },
});
const again = { waitMs: 1000, until: RETRY };

describe('open work', () => {
  test('is opened by the question: to rank at once, to give it up in the end', () =>
    projecting(openWork, opened).shows([row('expire'), row('rank')]));

  test('keeps what it belongs to: the command that opened it, the affair and the trace', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const meta = { commandId: 'c', correlationId: 'affair', causationId: 'b', at: OPENED, schema: 1, traceparent };
    const kept = { openedBy: 'c', correlationId: 'affair', traceparent };
    const request = { ...requested, id: '1', stream, revision: 0, meta };
    return projecting(openWork, request, ...later(claimed('a', 1), failed('a', 1))).shows([
      row('expire', kept),
      row('rank', { ...again, attempt: 1, ...kept }),
    ]);
  });

  test('that is claimed says by whom, and stays', () =>
    projecting(openWork, opened, ...later(claimed('a', 1))).shows([row('expire'), row('rank', atIt('a', 1))]));

  test('that is claimed by another says so', () =>
    projecting(openWork, opened, ...later(claimed('a', 1), claimed('b', 2))).shows([
      row('expire'),
      row('rank', atIt('b', 2)),
    ]));

  test('that is claimed still, says until when', () => {
    const until = '2026-03-10T09:00:20.000Z';
    const renewed = { ...claimed('a', 1), data: { ...claimed('a', 1).data, until } } as RecommendationEvent;
    return projecting(openWork, opened, ...later(claimed('a', 1), renewed)).shows([
      row('expire'),
      row('rank', { ...atIt('a', 1), waitMs: 20_000, until }),
    ]);
  });

  test('that has failed is free again, and due later', () =>
    projecting(openWork, opened, ...later(claimed('a', 1), failed('a', 1))).shows([
      row('expire'),
      row('rank', { ...again, attempt: 1 }),
    ]));

  test('that has failed can be claimed again', () =>
    projecting(openWork, opened, ...later(claimed('a', 1), failed('a', 1), claimed('b', 2))).shows([
      row('expire'),
      row('rank', atIt('b', 2)),
    ]));

  test('of one kind does not change the other', () =>
    projecting(openWork, opened, ...later(claimed('x', 1, 'expire'), failed('x', 1, 'expire'))).shows([
      row('expire', { ...again, attempt: 1 }),
      row('rank'),
    ]));

  for (const end of ends) {
    test(`is closed by ${end.type}, whoever was at it`, async () => {
      await projecting(openWork, opened, ...later(end)).shows([]);
      await projecting(openWork, opened, ...later(claimed('a', 1), claimed('x', 1, 'expire'), end)).shows([]);
      await projecting(openWork, opened, ...later(claimed('a', 1), failed('a', 1), claimed('b', 2), end)).shows([]);
    });
  }

  test('that is closed stays closed', () =>
    projecting(openWork, opened, ...later(ends[0]!, claimed('b', 1), failed('b', 1))).shows([]));

  test('of several questions stands apart', () => {
    const other = { stream: 'recommendation-r2', at: OPENED, commandId: 'asked' };
    return projecting(openWork, opened, action(other, requested), ...later(claimed('a', 1), ends[0]!)).shows([
      row('expire', { stream: 'recommendation-r2' }),
      row('rank', { stream: 'recommendation-r2' }),
    ]);
  });

  test('is there once, in the order of its keys, whatever the stream is called', () => {
    const odd = { stream: 'recommendation-a b-c', at: OPENED, commandId: 'asked' };
    return projecting(openWork, action(odd, requested)).shows([
      row('expire', { stream: odd.stream }),
      row('rank', { stream: odd.stream }),
    ]);
  });

  test('is looked for by its kind and how long it waits, the oldest first', () =>
    assert.deepEqual(openWork.indexes, [['family', 'kind', 'waitMs', 'openedAt']]));
});

describe('work of another family', () => {
  const letters = family('letter', {
    Written: fact<{ by: string }>(),
    Sealed: fact<object>(),
    Sent: fact<object>(),
    ...workKinds,
  });
  const letterWork = familyWork(letters, {
    /** a kind that the other family has too */
    expire: { openedBy: { Written: ({ data }) => data.by }, closedBy: ['Sent'] },
    mail: { openedBy: { Sealed: 'at-once' }, closedBy: ['Sent'] },
  });
  const both = openWorkOf([recommendationWork, letterWork]);
  type Letter = EventOf<typeof letters>;
  const inStream = (...facts: Letter[]) =>
    facts.map(one => action<Letter>({ stream: 'letter-1', at: OPENED, commandId: 'asked' }, one));
  const written: Letter = { type: 'Written', data: { by: EXPIRES } };
  const sealed: Letter = { type: 'Sealed', data: {} };
  const letter = (kind: 'rank' | 'expire', rest: Partial<Row> = {}) =>
    row(kind, { family: 'letter', stream: 'letter-1', ...rest });

  test('is opened, claimed and closed by its own declaration, beside the others', async () => {
    const mail = letter('rank', { kind: 'mail' });
    await projecting(both, ...inStream(written)).shows([letter('expire')]);
    await projecting(both, ...inStream(written, sealed)).shows([letter('expire'), mail]);
    await projecting(both, opened, ...inStream(written, sealed)).shows([
      letter('expire'),
      mail,
      row('expire'),
      row('rank'),
    ]);
    await projecting(both, opened, ...inStream(written, sealed, { type: 'Sent', data: {} })).shows([
      row('expire'),
      row('rank'),
    ]);
    const at = { stream: 'letter-1', at: AHEAD };
    await projecting(both, ...inStream(written, sealed), action(at, claimed('a', 1, 'mail'))).shows([
      letter('expire'),
      { ...mail, ...atIt('a', 1) },
    ]);
  });
});
