import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preferred } from './language.ts';

test('the supported language with the highest weight in a header is preferred, the first of equals', () => {
  for (const [header, language] of [
    ['en', 'en'],
    ['ko-KR', 'ko'],
    ['EN-gb, ko;q=0.5', 'en'],
    ['fr, ko;q=0.8, en;q=0.5', 'ko'],
    ['ko;q=0.3, en;q=0.7', 'en'],
    ['ko;q=0.5,en;q=0.5', 'ko'],
    ['en; q=0.5 , ko-KR ;q=0.501', 'ko'],
    ['en;q=0.9, ko', 'ko'],
    ['en-US;q=0, en;q=0.4', 'en'],
    ['ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7', 'ko'],
  ] as const)
    assert.deepEqual([header, preferred(header)], [header, language]);
});

test('a language that a header excludes is not used', () => {
  for (const [header, language] of [
    ['ko;q=0, en;q=0.1', 'en'],
    ['en;q=0, ko;q=0.001', 'ko'],
    ['ko;q=0', 'en'],
    ['*, ko;q=0.000', 'en'],
    ['fr, EN;q=0.0', 'ko'],
    ['ko;q=0, en;q=0', undefined],
  ] as const)
    assert.deepEqual([header, preferred(header)], [header, language]);
});

test('a header without a supported language has no preference', () => {
  for (const header of [undefined, '', '*', 'fr-CH, fr;q=0.9', 'kok', 'english', 'ko;q=x', 'ko;q=2', 'en;level=1'])
    assert.deepEqual([header, preferred(header)], [header, undefined]);
});
