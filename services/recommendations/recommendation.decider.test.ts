import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { action, given } from '../../core/testing/given.ts';
import { MOST_ATTEMPTS } from '../../core/work.ts';
import type { RankedRecipe, RecommendationEvent, Wish } from '../../events/recommendation.ts';
import {
  type RecommendationCommand,
  type RecommendationStatus,
  recommendationDecider,
} from './recommendation.decider.ts';

const AT = '2026-03-10T08:00:00.000Z';
const later = (seconds: number) => new Date(Date.parse(AT) + seconds * 1000).toISOString();

const wish: Wish = { servings: 2, maxMinutes: 30, include: ['kimchi'], exclude: ['shrimp'], limit: 5 };
const question = { recommendationId: 'r1', fridgeId: 'f1', fridgeRevision: 7, wish };
const recipe: RankedRecipe = {
  ...{ recipeId: 'stew', version: 1, tier: 'ready', coverage: 1, score: 1.175, usesFirst: ['i1'], unknown: [] },
  uses: [{ ingredientId: 'i1', foodId: 'kimchi', amount: 300_000, base: 'g' }],
  ...{ missing: [], partial: [], overdue: [] },
};

const requested: RecommendationEvent = {
  type: 'RecommendationRequested',
  data: { ...question, expiresAt: later(600) },
};
const claimed = (claimId: string, attempt = 1, kind = 'rank'): RecommendationEvent => ({
  type: 'WorkClaimed',
  data: { kind, claimId, by: 'node-1', until: later(15), attempt },
});
const noted = (claimId: string, attempt = 1, kind = 'rank'): RecommendationEvent => ({
  type: 'WorkFailed',
  data: { kind, claimId, attempt, retryAt: later(2 ** (attempt - 1)) },
});
const ranked = (claimId: string, recipes: readonly RankedRecipe[] = [recipe]): RecommendationEvent => ({
  type: 'RecipesRanked',
  data: { claimId, fridgeRevision: 8, recipes, composing: false },
});
const failed = (claimId: string): RecommendationEvent => ({
  type: 'RecommendationFailed',
  data: { claimId, reason: 'internal' },
});
const expired = (claimId: string): RecommendationEvent => ({ type: 'RecommendationExpired', data: { claimId } });

const request: RecommendationCommand = { do: 'request', ...question };
const claim = (claimId: string, kind = 'rank', replacing?: string): RecommendationCommand => ({
  ...{ do: 'claim', kind, claimId, by: 'node-1', seconds: 15 },
  ...(replacing !== undefined && { replacing }),
});
const rank = (claimId: string): RecommendationCommand => ({
  do: 'rank',
  claimId,
  fridgeRevision: 8,
  recipes: [recipe],
});
const fail = (claimId: string, kind = 'rank'): RecommendationCommand => ({
  ...{ do: 'fail', kind, claimId, failure: 'failed' },
});
const expire = (claimId: string): RecommendationCommand => ({ do: 'expire', claimId });

const now = { at: AT };
const after = (...facts: RecommendationEvent[]) => given(recommendationDecider, requested, ...facts);

describe('asking', () => {
  test('is noted with what was wished and when it is given up', () =>
    given(recommendationDecider).when(request, now).then([requested]));

  test('a wish need hold nothing but how many', () =>
    given(recommendationDecider)
      .when({ ...request, wish: { limit: 20 } } as RecommendationCommand, now)
      .then([{ type: 'RecommendationRequested', data: { ...question, wish: { limit: 20 }, expiresAt: later(600) } }]));

  test('counts from when it was asked here, whatever the client says', () =>
    given(recommendationDecider)
      .when(request, { ...now, occurredAt: '2020-01-01T00:00:00.000Z' })
      .then([requested]));

  for (const command of [claim('a'), fail('a'), rank('a'), expire('a')]) {
    test(`there is nothing to ${command.do} before that`, () =>
      given(recommendationDecider).when(command).thenRefuses('recommendation-not-found'));
  }

  test('opens the ranking and the deadline', () =>
    assert.deepEqual(
      [...after().state.work],
      [
        ['rank', { attempt: 0 }],
        ['expire', { attempt: 0 }],
      ],
    ));

  test('the same one twice writes nothing more', () => {
    const open = after();
    assert.deepEqual(open.when(request).past, open.past);
  });
});

describe('ranking', () => {
  test('is claimed by one', () => {
    after()
      .when(claim('a'), now)
      .then([claimed('a')]);
    after(claimed('a')).when(claim('b')).thenRefuses('work-claimed');
  });

  test('is taken over from one whose time is up', () =>
    after(claimed('a'))
      .when(claim('b', 'rank', 'a'), now)
      .then([claimed('b', 2)]));

  test('answers under its claim', () =>
    after(claimed('a'))
      .when(rank('a'))
      .then([ranked('a')]));

  test('may find nothing', () =>
    after(claimed('a'))
      .when({ ...rank('a'), recipes: [] } as RecommendationCommand)
      .then([ranked('a', [])]));

  test('does not answer without a claim', () => after().when(rank('a')).thenRefuses('claim-lost'));

  test('does not answer under a claim that was replaced', () => {
    const replaced = after(claimed('a'), claimed('b', 2));
    replaced.when(rank('a')).thenRefuses('claim-lost');
    replaced.when(fail('a')).thenRefuses('claim-lost');
    replaced.when(rank('b')).then([ranked('b')]);
  });

  test('does not answer under a claim that has failed', () =>
    after(claimed('a'), noted('a')).when(rank('a')).thenRefuses('claim-lost'));

  test('does not answer under the claim of the deadline', () =>
    after(claimed('a', 1, 'expire'))
      .when(rank('a'))
      .thenRefuses('claim-lost'));

  test('that fails is tried again, later each time', () => {
    after(claimed('a'))
      .when(fail('a'), now)
      .then([noted('a')]);
    after(claimed('a'), noted('a'), claimed('b', 2))
      .when(fail('b'), now)
      .then([noted('b', 2)]);
  });

  test('that has failed is claimed anew', () =>
    after(claimed('a'), noted('a'))
      .when(claim('b'), now)
      .then([claimed('b', 2)]));

  test('is given up after five failures', () => {
    let story = after();
    const facts: RecommendationEvent[] = [];
    for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
      const failing = story.when(claim(`c${attempt}`), now).when(fail(`c${attempt}`), now);
      facts.push(...failing.past.slice(-1).map(({ type, data }) => ({ type, data }) as RecommendationEvent));
      story = failing;
    }
    assert.deepEqual(facts, [noted('c1'), noted('c2', 2), noted('c3', 3), noted('c4', 4), failed('c5')]);
    assert.deepEqual([story.state.status, story.state.failure], ['failed', 'internal']);
  });

  test('counts the tries that nobody noted as failed', () =>
    after(claimed('a'), claimed('b', 2), claimed('c', 3), claimed('d', 4), claimed('e', 5))
      .when(fail('e'))
      .then([failed('e')]));

  test('is given up where the last try never came to an end, as when it kills its process', () =>
    after(claimed('a'), claimed('b', 2), claimed('c', 3), claimed('d', 4), claimed('e', 5))
      .when(claim('f', 'rank', 'e'), now)
      .then([failed('f')]));

  test('is given up at once after a mistake, which every further try would meet', () =>
    after(claimed('a'))
      .when({ do: 'fail', kind: 'rank', claimId: 'a', failure: 'mistake' }, now)
      .then([failed('a')]));

  test('is not given up because something was away, at the last try either', () =>
    after(claimed('a'), claimed('b', 2), claimed('c', 3), claimed('d', 4), claimed('e', 5))
      .when({ do: 'fail', kind: 'rank', claimId: 'e', failure: 'away' }, now)
      .then([{ type: 'WorkFailed', data: { kind: 'rank', claimId: 'e', attempt: 4, retryAt: later(1), away: 1 } }]));

  test('keeps its claim for longer while it is under way', () =>
    after(claimed('a'))
      .when({ do: 'renew', kind: 'rank', claimId: 'a', by: 'node-1', seconds: 15 }, { at: later(5) })
      .then([
        { type: 'WorkClaimed', data: { kind: 'rank', claimId: 'a', by: 'node-1', until: later(20), attempt: 1 } },
      ]));
});

describe('the deadline', () => {
  test('is work like any other: claimed, then done', () =>
    after()
      .when(claim('x', 'expire'), now)
      .when(expire('x'))
      .then([expired('x')]));

  test('is not called without a claim, nor under one of the ranking', () => {
    after().when(expire('x')).thenRefuses('claim-lost');
    after(claimed('a')).when(expire('a')).thenRefuses('claim-lost');
    after(claimed('x', 1, 'expire'), claimed('y', 2, 'expire'))
      .when(expire('x'))
      .thenRefuses('claim-lost');
  });

  test('that fails is tried again', () =>
    after(claimed('x', 1, 'expire'))
      .when(fail('x', 'expire'), now)
      .then([noted('x', 1, 'expire')]));

  test('does not wait for a ranking under way, whose answer then comes too late', () => {
    const over = after(claimed('a'), claimed('x', 1, 'expire')).when(expire('x'));
    over.then([expired('x')]);
    over.when(rank('a')).thenRefuses('claim-lost');
  });

  test('comes too late where the answer is there', () =>
    after(claimed('a'), claimed('x', 1, 'expire'))
      .when(rank('a'))
      .when(expire('x'))
      .thenRefuses('claim-lost'));
});

const ends: [RecommendationStatus, RecommendationEvent[]][] = [
  ['done', [claimed('a'), claimed('x', 1, 'expire'), ranked('a')]],
  ['failed', [claimed('a', 5), claimed('x', 1, 'expire'), failed('a')]],
  ['expired', [claimed('a'), claimed('x', 1, 'expire'), expired('x')]],
];

for (const [status, facts] of ends) {
  describe(`a recommendation that is ${status}`, () => {
    const over = after(...facts);

    test('says so, and has nothing left to do', () => {
      assert.equal(over.state.status, status);
      assert.deepEqual(over.state.work, new Map());
      assert.deepEqual(over.state.request, requested.data);
    });

    for (const kind of ['rank', 'expire']) {
      test(`is not claimed again to ${kind}`, () => {
        over.when(claim('z', kind)).thenRefuses('work-closed');
        over.when(claim('z', kind, 'a')).thenRefuses('work-closed');
      });
    }

    for (const command of [rank('a'), fail('a'), fail('x', 'expire'), expire('x')]) {
      const kind = 'kind' in command ? ` ${command.kind}` : '';
      test(`takes no more outcomes: ${command.do}${kind}`, () => over.when(command).thenRefuses('claim-lost'));
    }

    test('is not asked for again', () => assert.deepEqual(over.when(request).past, over.past));
  });
}

describe('the state', () => {
  test('begins as requested, with no answer', () => {
    const { status, recipes, failure } = after().state;
    assert.deepEqual([status, recipes, failure], ['requested', [], undefined]);
  });

  test('stays requested while somebody is at it', () =>
    assert.equal(after(claimed('a'), noted('a'), claimed('b', 2)).state.status, 'requested'));

  test('holds the answer', () => {
    const { status, recipes } = after(claimed('a'), ranked('a')).state;
    assert.deepEqual([status, recipes], ['done', [recipe]]);
  });

  test('holds the answer while more is being composed', () => {
    const composing: RecommendationEvent = {
      type: 'RecipesRanked',
      data: { claimId: 'a', fridgeRevision: 8, recipes: [recipe], composing: true },
    };
    const { status, recipes } = after(claimed('a'), composing).state;
    assert.deepEqual([status, recipes], ['composing', [recipe]]);
  });

  test('of one is not that of another', () => {
    const other = given(recommendationDecider, action({ stream: 'recommendation-r2' }, requested));
    after(claimed('a'), ranked('a'));
    assert.equal(other.state.status, 'requested');
  });
});
