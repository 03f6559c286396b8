import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decider } from './decider.ts';
import { type EventOf, fact, family } from './fact.ts';
import { boolean, integer, json, optional, projection, type RowOf, text } from './projection.ts';
import type { ReadModel } from './read-model/port.ts';
import { given, projecting } from './testing/given.ts';

/** Code that must not compile: `tsc` fails if one of these lines does. Only the last test runs. */

const cats = family('cat', {
  CatAdopted: fact<{ catId: string; name: string; lives: number }>(),
  CatFed: fact<{ grams: number }>(),
});
const dogs = family('dog', { DogAdopted: fact<{ dogId: string }>() });
type CatEvent = EventOf<typeof cats>;

const adopted: CatEvent = { type: 'CatAdopted', data: { catId: 'c1', name: '나비', lives: 9 } };

export const misspeltFacts: CatEvent[] = [
  // @ts-expect-error there is no such fact
  { type: 'CatAdoptd', data: { catId: 'c1', name: '나비', lives: 9 } },
  // @ts-expect-error there is no such field
  { type: 'CatAdopted', data: { catId: 'c1', name: '나비', lifes: 9 } },
  // @ts-expect-error a field is missing
  { type: 'CatAdopted', data: { catId: 'c1', name: '나비' } },
  // @ts-expect-error a field of another type
  { type: 'CatFed', data: { grams: '40' } },
  // @ts-expect-error the data of another fact
  { type: 'CatFed', data: { catId: 'c1', name: '나비', lives: 9 } },
  // @ts-expect-error null is not allowed unless the fact declares it
  { type: 'CatFed', data: { grams: null } },
];

// @ts-expect-error facts are read-only
export const renamed = () => (adopted.type = 'CatFed');

export function readsMisspeltField(event: CatEvent): unknown {
  // @ts-expect-error only one of the facts has it
  if (event.type !== 'CatFed' && event.data.grams) return;
  if (event.type === 'CatAdopted') {
    // @ts-expect-error there is no such field
    return event.data.lifes;
  }
  return event.data.grams;
}

interface Cat {
  fed: number;
}
const catDecider: Decider<{ do: 'feed' }, CatEvent, Cat> = {
  initial: () => ({ fed: 0 }),
  evolve: (state, { type, data }) => (type === 'CatFed' ? { fed: state.fed + data.grams } : state),
  decide: () => [{ type: 'CatFed', data: { grams: 40 } }],
};

export const misspeltDeciders: Decider<{ do: 'feed' }, CatEvent, Cat>[] = [
  // @ts-expect-error decides on an unknown fact
  { ...catDecider, decide: () => [{ type: 'CatFeed', data: { grams: 40 } }] },
  // @ts-expect-error decides on unknown data of a fact
  { ...catDecider, decide: () => [{ type: 'CatFed', data: { gramms: 40 } }] },
  // @ts-expect-error handles an unknown fact
  { ...catDecider, evolve: (state, { type }) => (type === 'CatFeed' ? { fed: 1 } : state) },
  // @ts-expect-error starts with another state
  { ...catDecider, initial: () => ({ fedd: 0 }) },
];

/** Leaves out a fact, so that the end can be reached with an unhandled one. */
export function exhaustive(event: CatEvent): string {
  switch (event.type) {
    case 'CatAdopted':
      return event.data.name;
    default:
      // @ts-expect-error CatFed is not handled
      return event satisfies never;
  }
}

const catRows = {
  name: 'cats',
  version: 1,
  store: 'relational',
  from: [cats],
  columns: { name: text(), lives: integer(), nickname: optional(text()), hungry: boolean(), toys: json<string[]>() },
  keys: () => ['c1'],
} as const;
const hungry = { name: '나비', lives: 9, hungry: true, toys: [] };

const catView = projection({
  ...catRows,
  on: { CatAdopted: () => hungry, CatFed: row => row && { ...row, hungry: false } },
});

const all = { CatAdopted: () => hungry, CatFed: 'ignored' } as const;

export const incompleteProjections = () => [
  projection({ ...catRows, on: all }),
  // @ts-expect-error CatFed is left out
  projection({ ...catRows, on: { CatAdopted: () => hungry } }),
  // @ts-expect-error CatAdopted is left out
  projection({ ...catRows, on: { CatFed: 'ignored' } }),
  // @ts-expect-error all are left out
  projection({ ...catRows, on: {} }),
  // @ts-expect-error a handler that may be missing
  projection({ ...catRows, on: { ...all, CatFed: undefined } }),
  // @ts-expect-error neither a handler nor 'ignored'
  projection({ ...catRows, on: { ...all, CatFed: 'skipped' } }),
  // @ts-expect-error the facts of the second family are left out
  projection({ ...catRows, from: [cats, dogs], on: all }),
  projection({ ...catRows, from: [cats, dogs], on: { ...all, DogAdopted: 'ignored' } }),
];

export const misspeltProjections = () => [
  // @ts-expect-error there is no such fact
  projection({ ...catRows, on: { ...all, CatFeed: () => hungry } }),
  // @ts-expect-error a property of the row is missing
  projection({ ...catRows, on: { ...all, CatAdopted: () => ({ name: '나비', lives: 9, hungry: true }) } }),
  // @ts-expect-error a misspelt property leaves the right one out
  projection({ ...catRows, on: { ...all, CatAdopted: () => ({ name: '나비', lifes: 9, hungry: true, toys: [] }) } }),
  // @ts-expect-error a property of another type
  projection({ ...catRows, on: { ...all, CatAdopted: () => ({ ...hungry, lives: 'nine' }) } }),
  // @ts-expect-error an optional property of another type
  projection({ ...catRows, on: { ...all, CatAdopted: () => ({ ...hungry, nickname: 9 }) } }),
  // @ts-expect-error there is no such field in the fact
  projection({ ...catRows, on: { ...all, CatFed: (row, { data }) => row && { ...row, lives: data.lifes } } }),
  // @ts-expect-error there is no such property in the row
  projection({ ...catRows, on: { ...all, CatFed: row => row && { ...row, hungry: row.hungri } } }),
  // @ts-expect-error there may be no row yet
  projection({ ...catRows, on: { ...all, CatFed: row => ({ ...row, hungry: !row.hungry }) } }),
  // @ts-expect-error there is no such column to be sorted by
  projection({ ...catRows, indexes: [['lifes']], on: all }),
];

export const misspeltRows: RowOf<typeof catRows.columns>[] = [
  // @ts-expect-error there is no such property
  { ...hungry, nicknam: 'nabi' },
  // @ts-expect-error absent is not undefined
  { ...hungry, nickname: undefined },
];

export const misspeltQueries = (model: ReadModel<RowOf<typeof catRows.columns>>) => [
  // @ts-expect-error there is no such property to look for
  model.find({ where: { lifes: 9 } }),
  // @ts-expect-error there is no such property to sort by
  model.find({ orderBy: 'lifes' }),
  // @ts-expect-error there is no such range
  model.find({ where: { lives: { above: 8 } } }),
];

export const misspeltTests = () => [
  // @ts-expect-error there is no such fact
  given(catDecider, { type: 'CatFeed', data: { grams: 40 } }),
  // @ts-expect-error there is no such command
  given(catDecider, adopted).when({ do: 'fed' }),
  given(catDecider, adopted)
    .when({ do: 'feed' })
    // @ts-expect-error there is no such field
    .then([{ type: 'CatFed', data: { gramms: 40 } }]),
  // @ts-expect-error there is no such property
  projecting(catView, adopted).shows([{ ...hungry, lifes: 9 }]),
];

test('correctly spelt code compiles and works', async () => {
  given(catDecider, adopted)
    .when({ do: 'feed' })
    .then([{ type: 'CatFed', data: { grams: 40 } }]);
  await projecting(catView, adopted).shows([hungry]);
  await projecting(catView, adopted, { type: 'CatFed', data: { grams: 40 } }).shows([{ ...hungry, hungry: false }]);
  assert.equal(cats.idOf(cats.streamOf('c-1')), 'c-1');
});
