import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clientAddress, UNKNOWN } from './client-address.ts';

const PROXY = '127.0.0.1';
const CLIENT = '203.0.113.7';

const from = (headers: Record<string, string>, trustedProxies: number, remoteAddress: string | undefined = PROXY) =>
  clientAddress({ headers, socket: { remoteAddress } }, trustedProxies);
const xff = (value: string, trustedProxies = 1, remoteAddress?: string) =>
  from({ 'x-forwarded-for': value }, trustedProxies, remoteAddress);
const forwarded = (value: string, trustedProxies = 1, remoteAddress?: string) =>
  from({ forwarded: value }, trustedProxies, remoteAddress);

describe('the address of a client', () => {
  test('is that of the socket where no proxy is trusted, whatever headers say', () => {
    for (const headers of [{}, { 'x-forwarded-for': CLIENT }, { forwarded: `for=${CLIENT}` }]) {
      assert.equal(from(headers, 0), PROXY);
      assert.equal(from(headers, 0, '198.51.100.9'), '198.51.100.9');
      assert.equal(clientAddress({ headers, socket: {} }, 0), undefined);
    }
  });

  test('is what the outermost trusted proxy says, and nothing left of it', () => {
    assert.equal(xff(CLIENT), CLIENT);
    assert.equal(xff(`6.6.6.6, ${CLIENT}`), CLIENT);
    assert.equal(xff(`6.6.6.6, ${CLIENT}, 10.0.0.1`, 2), CLIENT);
    assert.equal(xff(`"', 😀;for=,, ,${CLIENT}`), CLIENT);
    assert.equal(xff(`6.6.6.6,${CLIENT} ,\t10.0.0.1,10.0.0.2`, 3), CLIENT);
    assert.equal(forwarded(`for=6.6.6.6, for=${CLIENT}`), CLIENT);
    assert.equal(
      forwarded(`for=6.6.6.6;by=x , For="${CLIENT}:4711" ; proto=https;by="a\\",b", for=10.0.0.1`, 2),
      CLIENT,
    );
  });

  test('may have a port, and be of either kind', () => {
    for (const [header, address] of [
      [`${CLIENT}:80`, CLIENT],
      ['2001:db8::1', '2001:db8::1'],
      ['[2001:db8::1]', '2001:db8::1'],
      ['[2001:db8::1]:65535', '2001:db8::1'],
    ] as const) {
      assert.equal(xff(header), address);
      assert.equal(forwarded(`for="${header}"`), address);
    }
  });

  const nobody = [
    ...['', ' ', ',', 'x', 'unknown', '_hidden', 'localhost', '1.2.3', '1.2.3.4.5', '01.2.3.4', '0x7f.1', '2130706433'],
    ...['1.2.3.4:', '1.2.3.4:x', '1.2.3.4:123456', '[2001:db8::1', '2001:db8::1]', '[1.2.3.4]', '2001:db8:::1', '::g'],
    ...['127.0.0.1', '::1', '::ffff:127.0.0.1', `${CLIENT} x`, `${CLIENT};x`, 'http://1.2.3.4', '1.2.3.4/24'],
  ];

  test('is unknown where that entry is none: all of these are one client', () => {
    for (const header of nobody) {
      assert.equal(xff(header), UNKNOWN, header);
      assert.equal(xff(`6.6.6.6, ${header}`), UNKNOWN, header);
      assert.equal(forwarded(`for="${header}"`), UNKNOWN, header);
      assert.equal(forwarded(`for=6.6.6.6, for="${header}"`), UNKNOWN, header);
    }
    assert.equal(from({}, 1), UNKNOWN);
    assert.equal(xff(CLIENT, 2), UNKNOWN, 'it did not come through both');
    assert.equal(forwarded(`for=${CLIENT}`, 2), UNKNOWN);
  });

  test('is that of the socket where the proxy is on another machine', () => {
    for (const header of nobody.filter(text => !/127|::1$/.test(text)))
      assert.equal(xff(header, 1, '10.0.0.9'), '10.0.0.9', header);
    assert.equal(from({}, 1, '10.0.0.9'), '10.0.0.9');
  });

  test('is not taken from a Forwarded header that is malformed anywhere: what a client sends may swallow the rest', () => {
    for (const header of [
      'for="6.6.6.6',
      'for=6.6.6.6, for="',
      'for="x\\',
      'for=',
      'for',
      '=6.6.6.6',
      'for=6.6.6.6 for=7.7.7.7',
      'for =6.6.6.6',
      'for=[2001:db8::1]',
      'for=6.6.6.6,,',
    ]) {
      assert.equal(forwarded(`${header}, for=${CLIENT}`), UNKNOWN, header);
      assert.equal(forwarded(`${header}, for="[2001:db8::1]"`), UNKNOWN, header);
    }
    assert.equal(forwarded(`for=${CLIENT};for=6.6.6.6`), UNKNOWN);
    assert.equal(forwarded('by=6.6.6.6'), UNKNOWN);
  });

  test('is believed where both headers agree: a proxy may pass on the one that it does not write', () => {
    assert.equal(from({ forwarded: `for=${CLIENT}`, 'x-forwarded-for': `6.6.6.6, ${CLIENT}` }, 1), CLIENT);
    assert.equal(from({ forwarded: 'for=6.6.6.6', 'x-forwarded-for': CLIENT }, 1), UNKNOWN);
    assert.equal(from({ forwarded: `for=${CLIENT}`, 'x-forwarded-for': 'x' }, 1), UNKNOWN);
    assert.equal(from({ forwarded: '', 'x-forwarded-for': CLIENT }, 1), UNKNOWN);
  });
});
