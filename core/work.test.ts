import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Intent } from './decider.ts';
import { Refused } from './errors.ts';
import { type Fact, fact, family } from './fact.ts';
import { frozen } from './testing/given.ts';
import {
  type ClaimCommand,
  claim,
  evolveWork,
  type FailCommand,
  type Failure,
  failed,
  familyWork,
  MOST_ATTEMPTS,
  type RenewCommand,
  renewed,
  requireClaim,
  type WorkFact,
  type WorkState,
} from './work.ts';

const AT = '2026-03-10T08:00:00.000Z';
const later = (seconds: number) => new Date(Date.parse(AT) + seconds * 1000).toISOString();
const intent: Intent = { commandId: 'c1', at: AT };

const claiming = (claimId: string, rest: Partial<ClaimCommand> = {}): ClaimCommand => ({
  do: 'claim',
  kind: 'mail',
  claimId,
  by: 'node-1',
  seconds: 15,
  ...rest,
});
const failing = (claimId: string, failure: Failure = 'failed'): FailCommand => ({
  do: 'fail',
  kind: 'mail',
  claimId,
  failure,
});
const renewing = (claimId: string): RenewCommand => ({
  do: 'renew',
  kind: 'mail',
  claimId,
  by: 'node-1',
  seconds: 15,
});
const claimed = (claimId: string, attempt = 1, kind = 'mail'): WorkFact => ({
  type: 'WorkClaimed',
  data: { kind, claimId, by: 'node-1', until: later(15), attempt },
});
const gaveUp = (claimId: string, attempt = 1): WorkFact => ({
  type: 'WorkFailed',
  data: { kind: 'mail', claimId, attempt, retryAt: later(1) },
});

const letters = family('letter', {
  Written: fact<{ by: string }>(),
  Revised: fact<object>(),
  Sent: fact<object>(),
  Burnt: fact<object>(),
  WorkClaimed: fact<WorkFact['data']>(),
  WorkFailed: fact<WorkFact['data']>(),
});
const letterWork = familyWork(letters, {
  mail: { openedBy: { Written: 'at-once', Revised: 'at-once' }, closedBy: ['Sent', 'Burnt'] },
  expire: { openedBy: { Written: ({ data }) => data.by }, closedBy: ['Burnt'] },
});
const written = { type: 'Written', data: { by: later(60) } };

/** The state after two kinds of work were opened and these facts followed; frozen, as deciding must not change it. */
function after(...facts: readonly Fact[]): WorkState {
  const work: WorkState = new Map();
  for (const fact of [written, ...facts]) evolveWork(letterWork, work, frozen(fact));
  return frozen(work);
}

/** Decides, and fails if that changes the state. */
function decided<T>(work: WorkState, decide: (work: WorkState) => T): T {
  const before = structuredClone(work);
  try {
    return decide(work);
  } finally {
    assert.deepEqual(work, before);
  }
}
const takes = (work: WorkState, command: ClaimCommand, at = AT) =>
  decided(work, same => claim(same, frozen(command), { ...intent, at }));
const fails = (work: WorkState, command: FailCommand, at = AT) =>
  decided(work, same => failed(same, frozen(command), { ...intent, at }));

const refuses = (decide: () => unknown, code: string) =>
  assert.throws(decide, (error: unknown) => {
    assert.ok(error instanceof Refused);
    assert.deepEqual([error.kind, error.code], ['rule', code]);
    return true;
  });

describe('claiming work', () => {
  test('open work is claimed for the first time', () => assert.deepEqual(takes(after(), claiming('a')), claimed('a')));

  test('the claim names its node, and its expiry from the time of the command', () =>
    assert.deepEqual(takes(after(), claiming('a', { by: 'node-2', seconds: 90 }), later(600)), {
      type: 'WorkClaimed',
      data: { kind: 'mail', claimId: 'a', by: 'node-2', until: later(690), attempt: 1 },
    }));

  test('claimed work cannot be claimed', () =>
    refuses(() => takes(after(claimed('a')), claiming('b')), 'work-claimed'));

  test('the same claim cannot be made twice', () =>
    refuses(() => takes(after(claimed('a')), claiming('a')), 'work-claimed'));

  test('an expired claim is replaced, and the attempt counts', () =>
    assert.deepEqual(takes(after(claimed('a')), claiming('b', { replacing: 'a' })), claimed('b', 2)));

  test('a claim that was replaced already is not replaced again', () =>
    refuses(() => takes(after(claimed('a'), claimed('b', 2)), claiming('c', { replacing: 'a' })), 'work-claimed'));

  test('a missing claim cannot be replaced', () =>
    refuses(() => takes(after(), claiming('b', { replacing: 'a' })), 'work-claimed'));

  test('a claim that has failed is not replaced: the work is open again', () => {
    const work = after(claimed('a'), gaveUp('a'));
    refuses(() => takes(work, claiming('b', { replacing: 'a' })), 'work-claimed');
    assert.deepEqual(takes(work, claiming('b')), claimed('b', 2));
  });

  test('work that is done or abandoned is closed', () => {
    refuses(() => takes(new Map(), claiming('a')), 'work-closed');
    refuses(() => takes(new Map(), claiming('b', { replacing: 'a' })), 'work-closed');
  });

  test('a kind that was never opened is closed', () =>
    refuses(() => takes(after(), claiming('a', { kind: 'toString' })), 'work-closed'));

  test('kinds are independent', () =>
    assert.deepEqual(takes(after(claimed('a')), claiming('b', { kind: 'expire' })), claimed('b', 1, 'expire')));

  test('attempts count up, whether they fail or expire', () => {
    const work = after(claimed('a'), gaveUp('a'), claimed('b', 2), claimed('c', 3), gaveUp('c', 3));
    assert.equal(takes(work, claiming('d'))?.data.attempt, 4);
  });
});

describe('the last attempt', () => {
  test('that was claimed and never ended is not repeated', () => {
    const work = after(claimed('a'), claimed('b', 2), claimed('c', 3), claimed('d', 4), claimed('e', MOST_ATTEMPTS));
    assert.equal(takes(work, claiming('f', { replacing: 'e' })), undefined);
  });

  test('is the one that met a bug', () => assert.equal(fails(after(claimed('a')), failing('a', 'mistake')), undefined));
});

describe('declared work', () => {
  const nothing = (type: string): Fact => ({ type, data: {} });

  test('is opened by the facts that open it, each kind by its own', () => {
    assert.deepEqual([...after().keys()], ['mail', 'expire']);
    assert.deepEqual([...after(nothing('Burnt'), nothing('Revised')).keys()], ['mail']);
  });

  test('is closed by the facts that close it, whatever its claim', () => {
    assert.deepEqual([...after(claimed('a'), nothing('Sent')).keys()], ['expire']);
    assert.deepEqual([...after(claimed('a'), nothing('Burnt')).keys()], []);
  });

  test('stays closed, whatever happens to a claim afterwards', () =>
    assert.deepEqual([...after(nothing('Sent'), claimed('a'), gaveUp('a')).keys()], ['expire']));

  test('that is opened again starts over', () =>
    assert.deepEqual(after(claimed('a'), nothing('Revised')).get('mail'), { attempt: 0 }));
});

/** Code that must not compile; it never runs. */
export const misspeltWork = () => [
  // @ts-expect-error there is no such fact to open it
  familyWork(letters, { mail: { openedBy: { Writen: 'at-once' }, closedBy: ['Sent'] } }),
  // @ts-expect-error there is no such fact to close it
  familyWork(letters, { mail: { openedBy: { Written: 'at-once' }, closedBy: ['Snet'] } }),
  // @ts-expect-error there is no such field for a due time
  familyWork(letters, { mail: { openedBy: { Written: ({ data }) => data.until }, closedBy: ['Sent'] } }),
  // @ts-expect-error the family has no work facts
  familyWork(family('note', { Noted: fact<object>() }), { mail: { openedBy: { Noted: 'at-once' }, closedBy: [] } }),
];

describe('renewing', () => {
  const renews = (work: WorkState, claimId: string, at = AT) =>
    decided(work, same => renewed(same, frozen(renewing(claimId)), { ...intent, at }));

  test('extends the same claim and attempt', () =>
    assert.deepEqual(renews(after(claimed('a', 3)), 'a', later(5)), {
      type: 'WorkClaimed',
      data: { kind: 'mail', claimId: 'a', by: 'node-1', until: later(20), attempt: 3 },
    }));

  test('changes nothing but the time', () => {
    const fact = renews(after(claimed('a', 3)), 'a', later(5));
    assert.deepEqual(after(claimed('a', 3), fact), after(claimed('a', 3)));
  });

  for (const [when, work] of [
    ['that was replaced', after(claimed('a'), claimed('b', 2))],
    ['that has failed', after(claimed('a'), gaveUp('a'))],
    ['that was never made', after()],
    ['whose work is closed', new Map() as WorkState],
  ] as const) {
    test(`is refused for a claim ${when}`, () => refuses(() => renews(work, 'a'), 'claim-lost'));
  }
});

describe('an attempt during which a store or a service was unavailable', () => {
  const away = (times: number) => {
    const facts: WorkFact[] = [];
    for (let n = 1; n <= times; n++) {
      const claimId = `claim-${n}`;
      facts.push(takes(after(...facts), claiming(claimId))!);
      facts.push(fails(after(...facts), failing(claimId, 'away'))!);
    }
    return facts;
  };

  test('does not count, however often that happens', () => {
    const facts = away(100);
    assert.deepEqual(after(...facts).get('mail'), { attempt: 0, away: 100 });
    assert.equal(takes(after(...facts), claiming('a'))!.data.attempt, 1);
  });

  test('does not change the number of attempts that count', () => {
    const last = after(claimed('a', MOST_ATTEMPTS));
    assert.equal(fails(last, failing('a', 'away'))!.data.attempt, MOST_ATTEMPTS - 1);
  });

  test('is retried with exponential back-off, up to half a minute', () =>
    assert.deepEqual(
      away(7).flatMap(({ type, data }) => (type === 'WorkFailed' ? [data.retryAt] : [])),
      [1, 2, 4, 8, 16, 30, 30].map(later),
    ));

  test('restarts the back-off after an attempt that failed for another reason', () => {
    const facts = [...away(5), claimed('a'), gaveUp('a'), claimed('b', 2)];
    assert.deepEqual(fails(after(...facts), failing('b', 'away')), {
      type: 'WorkFailed',
      data: { kind: 'mail', claimId: 'b', attempt: 1, retryAt: later(1), away: 1 },
    });
  });
});

describe('failing', () => {
  test('is recorded under the claim, with the time of the next attempt', () =>
    assert.deepEqual(fails(after(claimed('a')), failing('a')), gaveUp('a')));

  test('doubles the wait each time, from the time of the failure', () => {
    const retries = Array.from({ length: MOST_ATTEMPTS - 1 }, (_, i) => {
      const fact = fails(after(claimed('a', i + 1)), failing('a'), later(100));
      return fact?.type === 'WorkFailed' && [fact.data.attempt, fact.data.retryAt];
    });
    assert.deepEqual(retries, [
      [1, later(101)],
      [2, later(102)],
      [3, later(104)],
      [4, later(108)],
    ]);
  });

  test('schedules no retry after the last attempt', () => {
    assert.equal(fails(after(claimed('a', MOST_ATTEMPTS)), failing('a')), undefined);
    assert.equal(fails(after(claimed('a', MOST_ATTEMPTS + 3)), failing('a')), undefined);
  });

  test('opens the work again, for any worker', () => {
    const work = after(claimed('a'), gaveUp('a'));
    assert.deepEqual(work.get('mail'), { attempt: 1 });
    assert.deepEqual(work.get('expire'), { attempt: 0 });
  });

  for (const [when, work] of [
    ['that was replaced', after(claimed('a'), claimed('b', 2))],
    ['that has failed already', after(claimed('a'), gaveUp('a'))],
    ['that was never made', after()],
    ['of another kind', after(claimed('a', 1, 'expire'))],
    ['whose work is closed', new Map() as WorkState],
  ] as const) {
    test(`is refused for a claim ${when}`, () => refuses(() => fails(work, failing('a')), 'claim-lost'));
  }
});

describe('the outcome', () => {
  test('is accepted from the holder of the claim', () => {
    const work = after(claimed('a'), claimed('b', 2));
    assert.deepEqual(
      decided(work, same => requireClaim(same, 'mail', 'b')),
      { attempt: 2, claimId: 'b' },
    );
  });

  for (const [when, work] of [
    ['was replaced', after(claimed('a'), claimed('b', 2))],
    ['has failed', after(claimed('a'), gaveUp('a'))],
    ['never was', after()],
    ['is of another kind', after(claimed('a', 1, 'expire'))],
    ['has its work closed', new Map() as WorkState],
  ] as const) {
    test(`is refused if the claim ${when}`, () =>
      refuses(() => decided(work, same => requireClaim(same, 'mail', 'a')), 'claim-lost'));
  }
});
