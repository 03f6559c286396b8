import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adviceOn } from './connection-string.ts';

test('only an IP address in a URL with TLS gets advice', () => {
  const advised = (address: string) =>
    `names ${address} by its IP address: with TLS, use the host name that is in its certificate`;
  const advice: Record<string, string | undefined> = {
    'esdb://127.0.0.1:2113': advised('127.0.0.1:2113'),
    'esdb://admin:changeit@10.1.2.3:2113?tls=true': advised('10.1.2.3:2113'),
    'esdb://admin:changeit@one:2113,10.1.2.3?tlsCAFile=ca.crt': advised('10.1.2.3'),
    'esdb://[::1]:2113?TLS=true': advised('[::1]:2113'),
    'esdb://127.0.0.1:2113?tls=false': undefined,
    'esdb://127.0.0.1:2113?tls=true&tls=False': undefined,
    'esdb://localhost:2113?tls=true': undefined,
    'esdb+discover://cluster.example?tls=true': undefined,
  };
  for (const [url, expected] of Object.entries(advice)) assert.equal(adviceOn(url), expected, url);
});
