import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preferred } from './language.ts';

test('the first of our languages that a header names is preferred', () => {
  for (const [header, language] of [
    ['en', 'en'],
    ['ko-KR', 'ko'],
    ['EN-gb, ko;q=0.5', 'en'],
    ['fr, ko;q=0.8, en;q=0.5', 'ko'],
  ] as const)
    assert.deepEqual([header, preferred(header)], [header, language]);
});

test('a header that names none of ours says nothing', () => {
  for (const header of [undefined, '', '*', 'fr-CH, fr;q=0.9', 'kok', 'english'])
    assert.deepEqual([header, preferred(header)], [header, undefined]);
});
