import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { testFolder } from '../../core/testing/test-folder.ts';
import { endpointOf, faultIn, placeOf } from './url.ts';

const SECRET = 'hunter2';

describe('the URL of a MariaDB schema', () => {
  test('names host, port, account and schema', () => {
    const url = ' mariadb://zip%40bob:p%2Fw%3Ard@db.example:3307/zip_bob-1?tls=true ';
    assert.equal(faultIn(url), undefined);
    const endpoint = endpointOf(url);
    assert.deepEqual(endpoint, {
      ...{ host: 'db.example', port: 3307, user: 'zip@bob', password: 'p/w:rd', schema: 'zip_bob-1', tls: true },
    });
    assert.equal(placeOf(endpoint), 'mariadb://db.example:3307/zip_bob-1');
  });

  test('has defaults: port 3306, no TLS', () => {
    assert.deepEqual(endpointOf('mysql://u:p@[::1]/s'), {
      ...{ host: '::1', port: 3306, user: 'u', password: 'p', schema: 's', tls: false },
    });
    assert.equal(placeOf(endpointOf('mysql://u:p@[::1]/s')), 'mariadb://[::1]:3306/s');
  });

  test('names the file of an authority that can be read', t => {
    const { path } = testFolder(t);
    writeFileSync(path('ca.pem'), 'certificate');
    const url = `mariadb://h/s?tls=true&tlsCAFile=${encodeURIComponent(path('ca.pem'))}`;
    assert.equal(faultIn(url), undefined);
    assert.equal(endpointOf(url).caFile, path('ca.pem'));
  });

  const faults: Record<string, RegExp> = {
    '': /is not a connection string/,
    localhost: /is not a connection string/,
    [`esdb://u:${SECRET}@h/s`]: /is not a connection string/,
    [`mariadb://u:${SECRET}@h`]: /names no schema/,
    [`mariadb://u:${SECRET}@h/`]: /names no schema/,
    [`mariadb://u:${SECRET}@h/a/b`]: /is not a connection string/,
    [`mariadb://u:12/${SECRET}@h/s`]: /is not a connection string/,
    [`mariadb://u:12?${SECRET}@h/s`]: /names no schema|is not a connection string/,
    [`mariadb://u:12#${SECRET}@h/s`]: /is not a connection string/,
    [`mariadb://u:%zz${SECRET}@h/s`]: /is not a connection string/,
    [`mariadb://u:${SECRET}@h:99999/s`]: /is not a connection string/,
    [`mariadb://u:${SECRET}@h/s?ssl=true`]: /has an option that is not known: ssl/,
    [`mariadb://u:${SECRET}@h/s?tls=yes`]: /must have tls=true or tls=false/,
    [`mariadb://u:${SECRET}@h/s?tlsCAFile=x`]: /has tlsCAFile, but not tls=true/,
    [`mariadb://u:${SECRET}@h/s?tls=true&tlsCAFile=/no/such/file`]: /names a tlsCAFile that cannot be read/,
  };
  for (const [url, words] of Object.entries(faults)) {
    test(`${url.replaceAll(SECRET, '***') || 'an empty one'} is refused, and no password is repeated`, () => {
      const fault = faultIn(url)!;
      assert.match(fault, words);
      assert.ok(!fault.includes(SECRET));
    });
  }
});
