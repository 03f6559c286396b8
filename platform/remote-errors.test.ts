import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Errors } from 'moleculer';
import { z } from 'zod';
import {
  Conflict,
  Damaged,
  isAway,
  NewerFacts,
  NotAppendable,
  Overloaded,
  Refused,
  Unavailable,
  Unreadable,
} from '../core/errors.ts';
import { internalAction } from './action.ts';
import { calling, named } from './joint.ts';
import { Problem, problemOf } from './problem.ts';
import { twoNodes } from './testing/two-nodes.ts';

const errors: readonly Error[] = [
  new Refused('not-found', 'fridge-not-found', 'there is no such fridge', { errors: [{ path: 'x', message: 'y' }] }),
  new Refused('rule', 'taken', 'it is taken'),
  new Conflict('fridge-1', 4),
  new Conflict('fridge-2', 'none'),
  new Unavailable('the store is away'),
  new Overloaded('too much waits'),
  new Damaged('the file is broken'),
  new NotAppendable('too much for one append'),
  new NewerFacts('FridgeMoved is not known'),
  new Unreadable('no fact of ours'),
  new Problem(503, 'unavailable', 'try again', { retryAfter: 2 }),
  new Problem(422, 'invalid', 'name: is missing', { errors: [] }),
  new Errors.ServiceNotFoundError({ action: 'x.y' }),
];

/** An error without what belongs to the node that it was thrown on. */
const facts = (error: Error) => {
  const { nodeID: _nodeID, ctx: _ctx, retryable = undefined, ...rest } = { ...error } as Record<string, unknown>;
  return { name: error.name, message: error.message, class: error.constructor, retryable, ...rest };
};
const caught = (failing: Promise<unknown>): Promise<Error> =>
  failing.then(
    () => assert.fail('it did not fail'),
    (error: Error) => error,
  );

test('an error of another node keeps its class, its fields and whether a later try may succeed', async t => {
  const throwing = {
    name: 'throwing',
    actions: {
      raw: ({ params }: { params: { which: number } }) => {
        throw errors[params.which]!;
      },
    },
  };
  const [near] = await twoNodes(t, [], [throwing]);
  for (const [which, error] of errors.entries()) {
    const remote = await caught(near.call('throwing.raw', { which }));
    assert.deepEqual(facts(remote), facts(error));
    assert.equal(isAway(remote), isAway(error));
    assert.equal(problemOf(remote)?.type, problemOf(error)?.type);
  }
});

test('what an internal action refuses is the same to a caller beside it and on another node', async t => {
  const boxes = named('boxes', {
    open: { input: z.object({ which: z.int() }), output: z.undefined() },
  });
  const { call } = calling(boxes.open);
  const service = {
    name: 'boxes',
    actions: {
      open: internalAction(boxes.open, ({ which }) => {
        if (errors[which]) throw errors[which];
        return undefined;
      }),
    },
  };
  const [near, far] = await twoNodes(t, [], [service]);
  for (const which of errors.keys()) {
    const [beside, away] = [
      await caught(call(far, boxes.open, { which })),
      await caught(call(near, boxes.open, { which })),
    ];
    assert.deepEqual(facts(away), facts(beside));
  }
  assert.equal(await call(near, boxes.open, { which: errors.length }), undefined);
});
