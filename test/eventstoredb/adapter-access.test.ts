import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { all, follow, proposed } from '../../core/event-store/contract/tools.ts';
import { eventStoreDb, isEventStoreUrl } from '../../core/event-store/eventstoredb.ts';
import type { EventStore } from '../../core/event-store/port.ts';
import { ownFolder, refusedStart } from '../data-folders.ts';
import { isUnavailable } from './adapter-testing.ts';
import { type EventStoreServer, type StartOptions, startEventStore } from './start.ts';

/** Well below the patience of the adapter: what cannot become better is said without a second try. */
const AT_ONCE_MS = 2000;
const WRONG = 'wr0ng-s3cret';
const RIGHT = 'r1ght-s3cret';

async function own(options: StartOptions): Promise<EventStoreServer> {
  const server = await startEventStore(options);
  after(() => server.stop());
  return server;
}

const secure = { tls: 'right', user: 'admin', password: RIGHT } as const;
const right = await own(secure);
const otherName = await own({ ...secure, tls: 'wrong-name' });
const plain = await own({});

const as = (who: string) => right.url.replace(/\/\/[^@]*@/, `//${who}`);

const refused: Readonly<Record<string, { url: string; says: RegExp }>> = {
  'a wrong password': { url: as(`admin:${WRONG}@`), says: /refuses the user name or the password of EVENTSTORE_URL/ },
  'a wrong name': { url: as(`nobody:${RIGHT}@`), says: /refuses the user name or the password of EVENTSTORE_URL/ },
  'no password': { url: as(''), says: /refuses the user name or the password of EVENTSTORE_URL/ },
  'a certificate for another name': {
    url: otherName.url,
    says: /secure connection cannot be made .*does not match certificate's altnames/,
  },
  'a certificate that nobody vouches for': {
    url: right.url.replace(/&tlsCAFile=.*/, ''),
    says: /secure connection cannot be made .*self-signed certificate/,
  },
  'TLS where the server has none': {
    url: `esdb://admin:${WRONG}@localhost:${plain.port}?tls=true`,
    says: /secure connection cannot be made .*wrong version number/,
  },
};

const calls: Readonly<Record<string, (store: EventStore) => Promise<unknown>>> = {
  append: store => store.append('fridge-1', [proposed()], 'none'),
  read: store => all(store.read('fridge-1')),
  head: store => store.head(),
  'follow to the end': store => all(store.follow({ after: 0, families: ['fridge'], live: false })),
  'follow live': store => follow(store, { families: ['fridge'] }).ended,
};

async function withUrl<T>(url: string, work: (store: EventStore) => Promise<T>): Promise<T> {
  const store = eventStoreDb(url);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

const isSecretKept = (said: string) => {
  for (const secret of [WRONG, RIGHT]) assert.ok(!said.includes(secret), said);
};

for (const [what, { url, says }] of Object.entries(refused)) {
  describe(`${what} is said at once, without the password`, () => {
    for (const [name, call] of Object.entries(calls)) {
      test(name, async () => {
        const said = await withUrl(url, store => isUnavailable(call(store), AT_ONCE_MS));
        assert.match(said, says);
        isSecretKept(said);
      });
    }
  });
}

test('with the right password and certificate all goes well', () =>
  withUrl(right.url, async store => {
    await store.append('fridge-1', [proposed()], 'none');
    assert.equal((await all(store.read('fridge-1'))).length, 1);
  }));

// A proxy whose server is still starting does the same, so this one is not hopeless.
test('plain text where the server wants TLS is hinted at when the patience is over', async () => {
  const url = `esdb://admin:${WRONG}@localhost:${right.port}?tls=false`;
  const said = await withUrl(url, store => isUnavailable(store.head()));
  assert.match(said, /does not answer: it hangs up, as where only one side uses TLS/);
  isSecretKept(said);
});

/** What is a connection string for the client, and what is none. */
const urls: readonly (readonly [string, boolean])[] = [
  ['esdb://127.0.0.1:2113?tls=false', true],
  ['esdb://admin:changeit@localhost:2113?tls=true', true],
  ['esdb+discover://admin:changeit@one.example,two.example', true],
  ['', false],
  ['esdb://', false],
  ['http://localhost:2113', false],
  ['localhost:2113', false],
  ['esdb://localhost?tls=maybe', false],
  [`esdb://admin:${WRONG}@localhost?tls=maybe`, false],
  [`esdb://admin:p@${WRONG}@localhost`, false],
];

test('a connection string is told from what is none', () => {
  for (const [url, expected] of urls) assert.equal(isEventStoreUrl(url), expected, url);
});

test('a connection string that has conflicts answered like successes is refused', () => {
  assert.throws(
    () => eventStoreDb(`${plain.url}&throwOnAppendFailure=false`),
    /must not turn off throwOnAppendFailure/,
  );
});

test('what is no connection string is refused, without repeating it', () => {
  for (const [url, isOne] of urls) {
    if (isOne) continue;
    assert.throws(
      () => eventStoreDb(url),
      (error: Error) => {
        assert.equal(error.name, 'Unavailable');
        assert.equal(error.message, 'the event log: EVENTSTORE_URL is not a connection string');
        assert.equal(error.cause, undefined);
        return true;
      },
    );
  }
});

describe('the program does not start, and says why in words', () => {
  for (const [what, { url, says }] of Object.entries(refused)) {
    test(what, async () => {
      const said = await refusedStart(ownFolder(), { EVENTSTORE_URL: url });
      assert.match(said, says);
      isSecretKept(said);
    });
  }

  test('what is no connection string', async () => {
    const said = await refusedStart(ownFolder(), { EVENTSTORE_URL: `esdb://admin:p@${WRONG}@localhost` });
    assert.match(said, /^EVENTSTORE_URL: is not a connection string/m);
    isSecretKept(said);
  });
});
