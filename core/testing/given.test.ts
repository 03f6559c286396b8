import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Decider } from '../decider.ts';
import { Refused } from '../errors.ts';
import { type EventOf, fact, family } from '../fact.ts';
import { integer, type Projection, projection, text } from '../projection.ts';
import { action, given, projecting } from './given.ts';

/** Each test breaks one rule, and the helpers must fail. */

const jars = family('jar', {
  Filled: fact<{ jar: string; grams: number; tags?: string[] }>(),
  Emptied: fact<object>(),
});
type JarEvent = EventOf<typeof jars>;
type JarCommand = { fill: number; tags?: string[] };
interface Jars {
  grams: Map<string, number>;
  tags: string[];
}
const filled = (jar: string, grams: number): JarEvent => ({ type: 'Filled', data: { jar, grams } });

const decider: Decider<JarCommand, JarEvent, Jars> = {
  initial: () => ({ grams: new Map(), tags: [] }),
  evolve(state, { type, data }) {
    if (type === 'Filled') state.grams.set(data.jar, (state.grams.get(data.jar) ?? 0) + data.grams);
    return state;
  },
  decide({ fill }) {
    if (fill > 100) throw new Refused('rule', 'too-much', 'the jar runs over', { most: 100 });
    return [filled('a', fill), filled('b', fill)];
  },
};
const fails = (work: () => unknown, message: RegExp) => assert.throws(work, { message });
const decides = (decide: typeof decider.decide) =>
  given({ ...decider, decide }, filled('a', 1)).when({ fill: 1, tags: ['x'] });

describe('given, when, then', () => {
  test('passes if everything is right', () => {
    const story = given(decider).when({ fill: 7 });
    story.then([filled('a', 7), filled('b', 7)]);
    story.when({ fill: 101 }).thenRefuses('too-much', { most: 100 });
    assert.deepEqual(story.state.grams.get('b'), 7);
  });

  test('rejects facts in another order', () =>
    fails(
      () =>
        given(decider)
          .when({ fill: 7 })
          .then([filled('b', 7), filled('a', 7)]),
      /strictly deep-equal/,
    ));

  test('rejects additional facts', () =>
    fails(
      () =>
        given(decider)
          .when({ fill: 7 })
          .then([filled('a', 7)]),
      /strictly deep-equal/,
    ));

  test('rejects an unexpected refusal', () =>
    fails(() => given(decider).when({ fill: 101 }).then([]), /refused as too-much/));

  test('rejects a missing refusal', () =>
    fails(() => given(decider).when({ fill: 7 }).thenRefuses('too-much'), /decided \[/));

  test('rejects another refusal, or another reason', () => {
    fails(() => given(decider).when({ fill: 101 }).thenRefuses('other'), /decided/);
    fails(() => given(decider).when({ fill: 101 }).thenRefuses('too-much', { most: 99 }), /strictly deep-equal/);
  });

  test('rejects a decision that changes a map of its state', () =>
    fails(() => decides((_command, { grams }) => (grams.delete('a') ? [] : [filled('a', 1)])), /changed the state/));

  test('rejects a refusal that has changed the state', () =>
    fails(
      () =>
        decides((_command, state) => {
          state.tags.push('x');
          throw new Refused('rule', 'too-late', 'it is too late');
        }),
      /changed the state/,
    ));

  test('rejects a decision that changes its command', () =>
    fails(() => decides(({ tags }) => [filled('a', tags!.push('y'))]), /not extensible/));

  test('rejects a decision that differs each time', () => {
    let n = 0;
    fails(() => decides(() => [filled('a', n++)]), /other facts the second time/);
  });

  test('rejects facts that JSON does not preserve', () =>
    fails(
      () => decides(() => [{ type: 'Filled', data: { jar: 'a', grams: 1, tags: undefined as unknown as string[] } }]),
      /JSON does not preserve/,
    ));

  test('rejects a fold that changes a fact', () => {
    const evolve: typeof decider.evolve = (state, event) => Object.assign(event.data, { grams: 0 }) && state;
    fails(() => given({ ...decider, evolve }, filled('a', 1)).state, /read only/);
  });

  test('rejects a fact that shares data with the state if the fold changes it', () => {
    const shares: typeof decider = {
      ...decider,
      evolve: (state, { data }) => (state.tags.push(JSON.stringify(data)) ? state : decider.initial()),
      decide: (_command, { tags }) => [{ type: 'Filled', data: { jar: 'a', grams: 1, tags } }],
    };
    fails(() => given(shares, filled('a', 1)).when({ fill: 1 }), /not extensible/);
  });
});

describe('projecting', () => {
  const rows = { jar: text(), grams: integer() };
  const view = projection({
    name: 'jars',
    version: 1,
    store: 'relational',
    from: [jars],
    columns: rows,
    keys: ({ data }) => ('jar' in data ? [data.jar] : []),
    on: { Filled: (row, { data: { jar, grams } }) => ({ jar, grams: (row?.grams ?? 0) + grams }), Emptied: 'ignored' },
  });
  type Row = { jar: string; grams: number };
  const past = [filled('a', 1), action({ stream: 'jar-2' }, filled('b', 2), filled('a', 4)), filled('a', 8)];
  const shown: Row[] = [
    { jar: 'a', grams: 13 },
    { jar: 'b', grams: 2 },
  ];
  const broken = (fold: Projection<Row>['fold']) =>
    projecting<Row>({ ...(view as Projection<Row>), fold }, ...past).shows(shown);

  test('passes if everything is right', () => projecting(view, ...past).shows(shown));

  test('passes without facts', () => projecting(view).shows([]));

  test('rejects an additional row', () =>
    assert.rejects(projecting(view, ...past).shows(shown.slice(1)), /in batches of 1/));

  test('rejects a missing row', () =>
    assert.rejects(projecting(view, ...past).shows([...shown, { jar: 'c', grams: 0 }]), /in batches of 1/));

  test('rejects a fold that changes its row', () =>
    assert.rejects(
      broken((row, { data }, jar) => {
        const { grams } = data as Row;
        return row ? Object.assign(row as Row, { grams: row.grams + grams }) : { jar, grams };
      }),
      /read only/,
    ));

  test('rejects a fold that depends on earlier calls', () => {
    const seen: number[] = [];
    return assert.rejects(
      broken((_row, { data }, jar) => ({ jar, grams: seen.push((data as Row).grams) })),
      /in batches of 1/,
    );
  });

  test('rejects a property without a column', () =>
    assert.rejects(
      broken((row, { data }, jar) => ({ jar, grams: (row?.grams ?? 0) + (data as Row).grams, lid: true }) as Row),
      /no column for "lid"/,
    ));

  test('rejects a fold that requires a row', () =>
    assert.rejects(
      broken((row, { data }, jar) => ({ jar, grams: row!.grams + (data as Row).grams })),
      /undefined/,
    ));

  test('rejects facts that no release can read', () =>
    assert.throws(() => projecting(view, { type: 'Fild', data: {} }), { name: 'NewerFacts' }));
});
