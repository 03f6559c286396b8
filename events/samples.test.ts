import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { NewerFacts } from '../core/errors.ts';
import { type Fact, type Family, fact, family, type Kind, type Meta, schemaOf, upcast } from '../core/fact.ts';
import * as logIdentity from '../core/log-identity.ts';
import type { Sealed } from '../core/sealed.ts';
import { envelope, frozen } from '../core/testing/given.ts';
import type { FamilyWork } from '../core/work.ts';
import { allFamilies, allWork } from './index.ts';

/** `type`, `data` and `meta` as some release wrote them; `newest` is the data as this release must read it. */
interface Sample extends Fact {
  readonly meta: Meta;
  readonly newest: unknown;
}

const SAMPLES = join(import.meta.dirname, '__samples__');
const fileOf = (type: string, version: number) => `${type}.v${version}.json`;
const sampleOf = (file: string) => JSON.parse(readFileSync(join(SAMPLES, file), 'utf8')) as Sample;

const isFamily = (value: unknown): value is Family =>
  typeof value === 'object' && value !== null && 'kinds' in value && 'streamOf' in value;

const isWork = (value: unknown): value is FamilyWork =>
  typeof value === 'object' && value !== null && 'family' in value && 'kinds' in value;

async function declared(): Promise<unknown[]> {
  const isDeclaring = (file: string) => /^[a-z]+\.ts$/.test(file) && file !== 'index.ts';
  const files = readdirSync(import.meta.dirname).filter(isDeclaring);
  const modules = await Promise.all(files.map(file => import(`./${file}`)));
  return [logIdentity, ...modules].flatMap(module => Object.values(module as object));
}

const values = await declared();
const families = values.filter(isFamily);
const kinds = families.flatMap(of => Object.entries(of.kinds).map(([type, kind]) => ({ of, type, kind })));
const versions = kinds.flatMap(({ kind, ...rest }) =>
  Array.from({ length: kind.version }, (_, i) => ({ ...rest, kind, version: i + 1 })),
);
const recorded = (of: Family, { type, data, meta }: Pick<Sample, 'type' | 'data' | 'meta'>) =>
  frozen({ type, data, meta, id: 'id', stream: of.streamOf('1'), revision: 0, position: 1 });

test('allFamilies holds every family', () => assert.deepEqual(new Set(allFamilies), new Set(families)));

test('allWork holds every kind of work', () => {
  assert.deepEqual(new Set(allWork), new Set(values.filter(isWork)));
  assert.ok(allWork.length > 0);
});

describe('every fact that was ever written', () => {
  test('has a family, and one format under one name', () => {
    assert.ok(families.length >= 5, families.map(({ name }) => name).join());
    const byType = new Map<string, Kind<unknown>>();
    for (const { type, kind } of kinds) assert.equal(byType.get(type) ?? byType.set(type, kind).get(type), kind, type);
  });

  test('is still declared', () => {
    const known = new Set(versions.map(({ type, version }) => fileOf(type, version)));
    assert.deepEqual(
      readdirSync(SAMPLES).filter(file => !known.has(file)),
      [],
    );
  });

  for (const { of, type, kind, version } of versions) {
    const file = fileOf(type, version);

    test(`${of.name}: ${type} of version ${version} is read as version ${kind.version}`, () => {
      assert.ok(
        existsSync(join(SAMPLES, file)),
        `record a ${type} of version ${version} in events/__samples__/${file}`,
      );
      const sample = sampleOf(file);
      assert.deepEqual([sample.type, sample.meta.schema], [type, version]);
      assert.deepEqual(Object.keys(sample), ['type', 'data', 'meta', 'newest']);
      const stored = recorded(of, sample);
      assert.deepEqual(upcast(of, stored), { ...stored, data: sample.newest });
    });

    test(`${of.name}: ${type} of version ${version} holds the actor's command, its time and its causes`, () => {
      const { commandId, correlationId, causationId, at } = sampleOf(file).meta;
      for (const id of [commandId, correlationId, causationId]) assert.match(id, /^[0-9a-f-]{36,64}$/);
      assert.equal(new Date(at).toISOString(), at);
    });

    test(`${of.name}: ${type} of version ${version} can be written as it is read, with all personal fields sealed`, () => {
      assert.equal(schemaOf(of, { type, data: sampleOf(file).newest }), kind.version);
    });
  }
});

describe('reading older and newer facts', () => {
  const cakes = family('cake', {
    CakeBaked: fact<{ grams: number; flavour: string; layers: number }>({
      version: 3,
      upcast: {
        1: ({ weight, ...rest }: { weight: number }) => ({ ...rest, grams: weight * 1000, flavour: 'plain' }),
        2: (old: { grams: number; flavour: string }) => ({ ...old, layers: 1 }),
      },
    }),
    CakeEaten: fact<{ by: string }>({ version: 2 }),
  });
  const written = (type: string, schema: number, data: unknown) =>
    recorded(cakes, { type, data, meta: { commandId: 'c', correlationId: 'c', causationId: 'c', at: '', schema } });
  const read = (type: string, schema: number, data: unknown) => upcast(cakes, written(type, schema, data)).data;

  test('an old fact passes through every version', () =>
    assert.deepEqual(read('CakeBaked', 1, { weight: 1.2 }), { grams: 1200, flavour: 'plain', layers: 1 }));

  test('a newer one starts at its own version', () =>
    assert.deepEqual(read('CakeBaked', 2, { grams: 900, flavour: 'lemon' }), {
      grams: 900,
      flavour: 'lemon',
      layers: 1,
    }));

  test('a fact of the newest version is read unchanged', () => {
    const data = { grams: 900, flavour: 'lemon', layers: 3 };
    assert.equal(read('CakeBaked', 3, data), data);
  });

  test('only the data changes', () => {
    const stored = written('CakeBaked', 1, { weight: 1 });
    assert.deepEqual({ ...upcast(cakes, stored), data: stored.data }, stored);
  });

  test('unknown fields are kept', () =>
    assert.deepEqual(read('CakeBaked', 2, { grams: 900, flavour: 'lemon', candles: 7 }), {
      grams: 900,
      flavour: 'lemon',
      layers: 1,
      candles: 7,
    }));

  test('an unknown fact is newer', () => assert.throws(() => read('CakeSold', 1, {}), NewerFacts));

  test('a higher version is newer', () => assert.throws(() => read('CakeBaked', 4, {}), NewerFacts));

  test('a name from Object.prototype is not a known fact', () =>
    assert.throws(() => read('constructor', 1, {}), NewerFacts));

  test('a version without an upcast is a bug of this release, not a newer fact', () =>
    assert.throws(() => read('CakeEaten', 1, { by: 'jun' }), /CakeEaten has no upcast from version 1/));

  test('new facts are written in the newest version', () =>
    assert.equal(schemaOf(cakes, { type: 'CakeBaked', data: {} }), 3));

  test('facts of another family are not written', () =>
    assert.throws(() => schemaOf(cakes, { type: 'CakeSold', data: {} }), TypeError));

  test('facts named like a property of Object.prototype are not written', () =>
    assert.throws(() => schemaOf(cakes, { type: 'constructor', data: {} }), TypeError));
});

describe('personal fields', () => {
  const notes = family('notes', {
    NoteWritten: fact<{ author: string; note?: Sealed }>({
      personal: { subject: ({ author }) => author, fields: ['note'] },
    }),
    NoteShared: fact<{ note: Sealed }>({ personal: { fields: ['note'] } }),
    NoteChanged: fact<{ changed?: { note?: Sealed | null } }>({ personal: { fields: ['changed.note'] } }),
  });
  const write = (type: string, data: unknown) => schemaOf(notes, { type, data });

  test('are written sealed', () => assert.equal(write('NoteWritten', { author: 'mina', note: envelope('mina') }), 1));

  test('are not written in plain', () =>
    assert.throws(() => write('NoteWritten', { author: 'mina', note: 'remember the milk' }), {
      name: 'TypeError',
      message: 'NoteWritten.note is personal and must be sealed for mina',
    }));

  test("are not written under another member's key", () =>
    assert.throws(() => write('NoteWritten', { author: 'mina', note: envelope('jun') }), /sealed for mina/));

  test("are written under any member's key if no subject is named", () =>
    assert.equal(write('NoteShared', { note: envelope('jun') }), 1));

  test('are not written in plain if no subject is named', () =>
    assert.throws(() => write('NoteShared', { note: 'remember the milk' }), /NoteShared.note is personal/));

  test('are not written in plain within an object', () =>
    assert.throws(() => write('NoteChanged', { changed: { note: 'x' } }), /NoteChanged.changed.note is personal/));

  test('are written sealed within an object', () =>
    assert.equal(write('NoteChanged', { changed: { note: envelope() } }), 1));

  for (const data of [{ author: 'mina' }, { author: 'mina', note: undefined }, { author: 'mina', note: null }]) {
    test(`are optional: ${JSON.stringify(data)}`, () => assert.equal(write('NoteWritten', data), 1));
  }

  for (const data of [{}, { changed: {} }, { changed: { note: null } }]) {
    test(`are optional within an object: ${JSON.stringify(data)}`, () => assert.equal(write('NoteChanged', data), 1));
  }

  for (const note of [
    '',
    0,
    false,
    {},
    [],
    { v: 1 },
    { ...envelope(), v: 2 },
    { ...envelope(), text: '' },
    { ...envelope(), keyId: '' },
    { ...envelope(), iv: '' },
  ]) {
    test(`are not sealed as ${JSON.stringify(note)}`, () =>
      assert.throws(() => write('NoteShared', { note }), TypeError));
  }
});
