import assert from 'node:assert/strict';
import { test } from 'node:test';
import { follow, proposed, unique, within } from '../../core/event-store/contract/tools.ts';
import { saw, withStore } from './adapter-testing.ts';

const APPENDS = 30;
const FACTS = 400;
/** Enough time for all of them to arrive if the consumer took them. */
const OBSERVED_MS = 3000;

test('a slow consumer leaves the rest with the server', () =>
  withStore(async (server, store) => {
    const family = unique('fridge');
    const note = 'x'.repeat(900);
    const first = proposed();
    await store.append(`${family}-0`, [first], 'none');
    const release = Promise.withResolvers<void>();
    using follower = follow(store, { families: [family] }, () => release.promise);
    await follower.saw(first);
    let last = first;
    for (let n = 1; n <= APPENDS; n++) {
      const facts = Array.from({ length: FACTS }, () => proposed({ note }));
      await store.append(`${family}-${n}`, facts, 'none');
      last = facts.at(-1)!;
    }
    const total = 1 + APPENDS * FACTS;
    await assert.rejects(within(OBSERVED_MS, 'all is sent', server.until('sent', total)), /not within/);
    release.resolve();
    await server.until('sent', total);
    await saw(follower, last, OBSERVED_MS * 10);
  }));
