import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { all, follow, proposed } from '../../core/event-store/contract/tools.ts';
import type { EventStore } from '../../core/event-store/port.ts';
import { faultIn } from '../../stores/event-log/eventstoredb/connection-string.ts';
import { eventStoreDb } from '../../stores/event-log/eventstoredb.ts';
import { ownFolder, refusedStart } from '../support/data-folders.ts';
import { isUnavailable } from './adapter-testing.ts';
import { type EventStoreServer, type StartOptions, startEventStore } from './start.ts';

/** Well below the adapter's total retry time: a permanent error is reported without a second attempt. */
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
  'an untrusted certificate': {
    url: right.url.replace(/&tlsCAFile=.*/, ''),
    says: /secure connection cannot be made .*self-signed certificate/,
  },
  'TLS to a server without TLS': {
    url: `esdb://admin:${WRONG}@localhost:${plain.port}?tls=true`,
    says: /secure connection cannot be made .*wrong version number/,
  },
};

/** Through a cluster's discovery, which hides the reason. */
const clusters: Readonly<Record<string, { url: string; says: RegExp }>> = {
  'a cluster with certificates for other names': {
    url: otherName.url.replace(/localhost:\d+/, '$&,$&'),
    says: /secure connection cannot be made .*does not match certificate's altnames/,
  },
  'a discovered cluster with untrusted certificates': {
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

const isSecretKept = (message: string) => {
  for (const secret of [WRONG, RIGHT]) assert.ok(!message.includes(secret), message);
};

for (const [what, { url, says }] of Object.entries(refused)) {
  describe(`${what} is reported at once, without the password`, () => {
    for (const [name, call] of Object.entries(calls)) {
      test(name, async () => {
        const message = await withUrl(url, store => isUnavailable(call(store), AT_ONCE_MS));
        assert.match(message, says);
        isSecretKept(message);
      });
    }
  });
}

test('the right password and certificate work', () =>
  withUrl(right.url, async store => {
    await store.append('fridge-1', [proposed()], 'none');
    assert.equal((await all(store.read('fridge-1'))).length, 1);
  }));

test('a password changed on the server is reported to followers at once', async () => {
  await using server = await startEventStore(secure);
  await withUrl(server.url, async store => {
    const fact = proposed();
    await store.append('fridge-1', [fact], 'none');
    using follower = follow(store);
    await follower.saw(fact);
    await server.restart({ password: WRONG });
    const message = await isUnavailable(follower.ended);
    assert.match(message, /refuses the user name or the password of EVENTSTORE_URL/);
    isSecretKept(message);
  });
});

for (const [what, { url, says }] of Object.entries(clusters)) {
  describe(`${what} is reported once none of its hosts answers, without the password`, () => {
    for (const [name, call] of Object.entries(calls)) {
      test(name, async () => {
        const message = await withUrl(url, store => isUnavailable(call(store)));
        assert.match(message, says);
        isSecretKept(message);
      });
    }
  });
}

test('an unreachable cluster is reported with the errors of its hosts', async () => {
  const gone = await startEventStore();
  await gone.stop();
  const url = gone.url.replace(/127.0.0.1:\d+/, '$&,$&');
  const message = await withUrl(url, store => isUnavailable(store.head()));
  assert.match(message, /^the event log does not answer: .*ECONNREFUSED/);
});

test('a cluster is found through any of its hosts, and through a name', async () => {
  for (const url of [
    right.url.replace(/localhost:\d+/, `localhost:${plain.port},$&`),
    right.url.replace('esdb:', 'esdb+discover:'),
  ]) {
    await withUrl(url, async store => assert.ok((await store.head()).position > 0));
  }
});

// A proxy whose server is still starting behaves the same, so this error is retried.
test('plain text to a server that wants TLS is suggested as the cause after the last retry', async () => {
  const url = `esdb://admin:${WRONG}@localhost:${right.port}?tls=false`;
  const message = await withUrl(url, store => isUnavailable(store.head()));
  assert.match(message, /does not answer: it hangs up, as if only one side used TLS/);
  isSecretKept(message);
});

const NONE = /^is not a connection string, such as esdb:/;

/** Connection strings: valid ones, and the fault of each invalid one. */
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
  [`esdb://admin:${WRONG}@localhost?tls=true&tsl=true`]: /^has an unknown option: tsl$/,
  [`esdb://admin:${WRONG}@localhost?dnsDiscover=true`]: /^has an unknown option: dnsDiscover$/,
  [`esdb://admin:${WRONG}@localhost?tlsVerifyCert=false`]: /^must not have the option tlsVerifyCert/,
  [`esdb://admin:${WRONG}@localhost?tls_verify_cert=false`]: /^must not have the option tlsVerifyCert/,
  [`esdb://admin:${WRONG}@localhost?tlsCAFile=/none/such.crt`]: /^cannot be used: .*certificate file.*not found/,
  [`esdb://admin:${WRONG}@localhost?throwOnAppendFailure=false`]: /^must not turn off throwOnAppendFailure$/,
  [`esdb://admin:${WRONG}@localhost?throw-on-append-failure=false`]: /^must not turn off throwOnAppendFailure$/,
  [`esdb://admin:${WRONG}@localhost?throwOnAppendFailure=true&THROWONAPPENDFAILURE=false`]: /^must not turn off/,
};

describe('a connection string is accepted, or refused without being repeated', () => {
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

describe('the program refuses to start, and names the reason', () => {
  for (const [what, { url, says }] of Object.entries({ ...refused, ...clusters })) {
    test(what, async () => {
      const message = await refusedStart(ownFolder(), { EVENTSTORE_URL: url });
      assert.match(message, says);
      isSecretKept(message);
    });
  }

  const faults: Readonly<Record<string, { url: string; says: RegExp }>> = {
    'an invalid connection string': {
      url: `esdb://admin:p@${WRONG}@localhost`,
      says: /^EVENTSTORE_URL: is not a connection string/m,
    },
    'an unknown option': {
      url: right.url.replace('?tls=true', '?tsl=true'),
      says: /^EVENTSTORE_URL: has an unknown option: tsl$/m,
    },
    'an option without effect': {
      url: `${right.url}&tlsVerifyCert=false`,
      says: /^EVENTSTORE_URL: must not have the option tlsVerifyCert/m,
    },
    'a missing certificate': {
      url: `${right.url}.none`,
      says: /^EVENTSTORE_URL: cannot be used: .*certificate file.*not found/m,
    },
  };
  for (const [what, { url, says }] of Object.entries(faults)) {
    test(what, async () => {
      const message = await refusedStart(ownFolder(), { EVENTSTORE_URL: url });
      assert.match(message, says);
      isSecretKept(message);
    });
  }
});
