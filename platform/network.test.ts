import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkOf } from './network.ts';

test('a network is an IPv4 address, or the first half of an IPv6 address, however it is written', () => {
  for (const [network, ...addresses] of [
    ['203.0.113.7', '203.0.113.7', '::ffff:203.0.113.7', '::FFFF:cb00:7107', '0:0:0:0:0:ffff:203.0.113.7'],
    ['2001:db8:0:1', '2001:db8:0:1::1', '2001:0DB8:0000:0001:ffff::', '2001:db8:0:1:2:3:4:5%eth0'],
    ['0:0:0:0', '::2', '::'],
  ] as const) {
    for (const address of addresses) assert.equal(networkOf(address), network, address);
  }
});

test('this machine is no network; what is no address stands for itself', () => {
  for (const address of ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', undefined]) {
    assert.equal(networkOf(address), undefined, address);
  }
  for (const text of ['unknown', '']) assert.equal(networkOf(text), text);
});
