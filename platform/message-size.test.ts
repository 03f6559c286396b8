import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { atMost, bytesOf, mostBytes, paged } from './message-size.ts';

test('a page holds as many items as fit, and no item is lost or told twice', () => {
  const items = Array.from({ length: 30 }, (_, i) => 'é'.repeat(i % 7));
  for (const bytes of [16, 20, 40, 1000]) {
    const seen: string[] = [];
    for (let left: readonly string[] = items; left.length > 0; ) {
      const { page, rest } = paged(left, bytes);
      assert.ok(page.length > 0);
      assert.ok(bytesOf(page) <= bytes);
      if (rest.length > 0) assert.ok(bytesOf([...page, rest[0]]) >= bytes);
      seen.push(...page);
      left = rest;
    }
    assert.deepEqual(seen, bytes === 16 ? items.filter(item => bytesOf(item) + 1 <= 14) : items);
  }
});

test('the bound of a schema is never less than what one of its values takes', () => {
  const schema = z.object({
    text: z.string().max(3),
    some: z.array(z.union([z.int(), z.null(), z.enum(['a', 'long'])])).max(2),
    gone: z.boolean().exactOptional(),
  });
  const values: z.infer<typeof schema>[] = [
    { text: '\u0001\u0002\u0003', some: [Number.MIN_SAFE_INTEGER, 'long'], gone: false },
    { text: '가나다', some: [] },
    { text: '\ud800\ud800\ud800', some: [null, null], gone: true },
  ];
  for (const value of values) assert.ok(bytesOf(schema.parse(value)) <= mostBytes(schema));
  for (const open of [
    z.string(),
    z.array(z.int()),
    z.object({ x: z.unknown() }),
    z.looseObject({}),
    z.record(z.string(), z.int()),
  ])
    assert.equal(mostBytes(open), Number.POSITIVE_INFINITY);
  const bounded = atMost(z.array(z.string()), 10);
  assert.equal(mostBytes(bounded), 10);
  assert.deepEqual([bounded.safeParse(['123456']).success, bounded.safeParse(['1234567']).success], [true, false]);
});
