import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { all, follow, proposed } from '../../core/event-store/contract/tools.ts';
import type { EventStore } from '../../core/event-store/port.ts';
import { faultIn } from '../../stores/event-log/eventstoredb/connection-string.ts';
import { eventStoreDb } from '../../stores/event-log/eventstoredb.ts';
import { ownFolder, refusedStart } from '../support/data-folders.ts';
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

/** By way of a cluster's discovery, which keeps the reason to itself. */
const clusters: Readonly<Record<string, { url: string; says: RegExp }>> = {
  'a cluster with certificates for other names': {
    url: otherName.url.replace(/localhost:\d+/, '$&,$&'),
    says: /secure connection cannot be made .*does not match certificate's altnames/,
  },
  'a cluster that is to be discovered, with certificates that nobody vouches for': {
    url: right.url.replace(/&tlsCAFile=.*/, '').replace('esdb:', 'esdb+discover:'),
    says: /secure connection cannot be made .*self-signed certificate/,
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

const isSecretKept = (report: string) => {
  for (const secret of [WRONG, RIGHT]) assert.ok(!report.includes(secret), report);
};

for (const [what, { url, says }] of Object.entries(refused)) {
  describe(`${what} is said at once, without the password`, () => {
    for (const [name, call] of Object.entries(calls)) {
      test(name, async () => {
        const report = await withUrl(url, store => isUnavailable(call(store), AT_ONCE_MS));
        assert.match(report, says);
        isSecretKept(report);
      });
    }
  });
}

test('with the right password and certificate all goes well', () =>
  withUrl(right.url, async store => {
    await store.append('fridge-1', [proposed()], 'none');
    assert.equal((await all(store.read('fridge-1'))).length, 1);
  }));

test('a password that was changed on the server is said at once to those who follow', async () => {
  await using server = await startEventStore(secure);
  await withUrl(server.url, async store => {
    const fact = proposed();
    await store.append('fridge-1', [fact], 'none');
    using follower = follow(store);
    await follower.saw(fact);
    await server.restart({ password: WRONG });
    const report = await isUnavailable(follower.ended);
    assert.match(report, /refuses the user name or the password of EVENTSTORE_URL/);
    isSecretKept(report);
  });
});

for (const [what, { url, says }] of Object.entries(clusters)) {
  describe(`${what} is said when none of its hosts could be asked, without the password`, () => {
    for (const [name, call] of Object.entries(calls)) {
      test(name, async () => {
        const report = await withUrl(url, store => isUnavailable(call(store)));
        assert.match(report, says);
        isSecretKept(report);
      });
    }
  });
}

test('a cluster that is away is said to be, with what its hosts answer', async () => {
  const gone = await startEventStore();
  await gone.stop();
  const url = gone.url.replace(/127.0.0.1:\d+/, '$&,$&');
  const report = await withUrl(url, store => isUnavailable(store.head()));
  assert.match(report, /^the event log does not answer: .*ECONNREFUSED/);
});

test('a cluster is found by any of its hosts, and by a name', async () => {
  for (const url of [
    right.url.replace(/localhost:\d+/, `localhost:${plain.port},$&`),
    right.url.replace('esdb:', 'esdb+discover:'),
  ]) {
    await withUrl(url, async store => assert.ok((await store.head()).position > 0));
  }
});

// A proxy whose server is still starting does the same, so this one is not hopeless.
test('plain text where the server wants TLS is hinted at when the patience is over', async () => {
  const url = `esdb://admin:${WRONG}@localhost:${right.port}?tls=false`;
  const report = await withUrl(url, store => isUnavailable(store.head()));
  assert.match(report, /does not answer: it hangs up, as where only one side uses TLS/);
  isSecretKept(report);
});

const NONE = /^is not a connection string, such as esdb:/;

/** What is a connection string for the client and for us, and what is wrong with all others. */
const urls: Readonly<Record<string, RegExp | undefined>> = {
  'esdb://127.0.0.1:2113?tls=false': undefined,
  'esdb://admin:changeit@localhost:2113?tls=true': undefined,
  'esdb+discover://admin:changeit@one.example,two.example': undefined,
  'esdb://admin:changeit@localhost?Keep-Alive-Timeout=20000&connectionName=a@b&max_discover_attempts=3': undefined,
  [`esdb://admin:a/${WRONG}&b=c@localhost?tls=true/`]: undefined,
  '': NONE,
  'esdb://': NONE,
  'http://localhost:2113': NONE,
  'localhost:2113': NONE,
  'esdb://localhost?tls=maybe': NONE,
  'esdb://localhost?tls': NONE,
  'esdb://localhost?tls&tls=true': NONE,
  'esdb://localhost:2113?connectionName=a@b': NONE,
  [`esdb://admin:${WRONG}@localhost?tls=maybe`]: NONE,
  [`esdb://admin:p@${WRONG}@localhost`]: NONE,
  [`esdb://admin:p?${WRONG}=1@localhost`]: NONE,
  [`esdb://${WRONG}@localhost`]: NONE,
  [`esdb://admin:${WRONG}%@localhost`]: /^cannot be used: URI malformed$/,
  [`esdb://admin:${WRONG}@localhost?tls=true&tsl=true`]: /^has an option that is not known: tsl$/,
  [`esdb://admin:${WRONG}@localhost?dnsDiscover=true`]: /^has an option that is not known: dnsDiscover$/,
  [`esdb://admin:${WRONG}@localhost?tlsVerifyCert=false`]: /^must not have the option tlsVerifyCert/,
  [`esdb://admin:${WRONG}@localhost?tls_verify_cert=false`]: /^must not have the option tlsVerifyCert/,
  [`esdb://admin:${WRONG}@localhost?tlsCAFile=/none/such.crt`]: /^cannot be used: .*certificate file.*not found/,
  [`esdb://admin:${WRONG}@localhost?throwOnAppendFailure=false`]: /^must not turn off throwOnAppendFailure$/,
  [`esdb://admin:${WRONG}@localhost?throw-on-append-failure=false`]: /^must not turn off throwOnAppendFailure$/,
  [`esdb://admin:${WRONG}@localhost?throwOnAppendFailure=true&THROWONAPPENDFAILURE=false`]: /^must not turn off/,
};

describe('a connection string is taken, or refused in words that do not repeat it', () => {
  for (const [url, says] of Object.entries(urls)) {
    test(url === '' ? 'none' : url, async t => {
      const warn = t.mock.method(console, 'warn', () => {});
      const fault = faultIn(url);
      assert.equal(warn.mock.callCount(), 0);
      if (!says) {
        assert.equal(fault, undefined);
        await eventStoreDb(url).close();
        return;
      }
      assert.match(fault!, says);
      isSecretKept(fault!);
      assert.throws(
        () => eventStoreDb(url),
        (error: Error) => {
          assert.equal(error.name, 'Unavailable');
          assert.equal(error.message, `the event log: EVENTSTORE_URL ${fault}`);
          assert.equal(error.cause, undefined);
          return true;
        },
      );
    });
  }
});

describe('the program does not start, and says why in words', () => {
  for (const [what, { url, says }] of Object.entries({ ...refused, ...clusters })) {
    test(what, async () => {
      const report = await refusedStart(ownFolder(), { EVENTSTORE_URL: url });
      assert.match(report, says);
      isSecretKept(report);
    });
  }

  const faults: Readonly<Record<string, { url: string; says: RegExp }>> = {
    'what is no connection string': {
      url: `esdb://admin:p@${WRONG}@localhost`,
      says: /^EVENTSTORE_URL: is not a connection string/m,
    },
    'an option that is not known': {
      url: right.url.replace('?tls=true', '?tsl=true'),
      says: /^EVENTSTORE_URL: has an option that is not known: tsl$/m,
    },
    'an option that has no effect': {
      url: `${right.url}&tlsVerifyCert=false`,
      says: /^EVENTSTORE_URL: must not have the option tlsVerifyCert/m,
    },
    'a certificate that is not there': {
      url: `${right.url}.none`,
      says: /^EVENTSTORE_URL: cannot be used: .*certificate file.*not found/m,
    },
  };
  for (const [what, { url, says }] of Object.entries(faults)) {
    test(what, async () => {
      const report = await refusedStart(ownFolder(), { EVENTSTORE_URL: url });
      assert.match(report, says);
      isSecretKept(report);
    });
  }
});
