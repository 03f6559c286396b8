import ipaddr from 'ipaddr.js';

const IPV6_NETWORK_PARTS = 4;

/**
 * What counts as one address: of IPv6 the /64, as every customer has all of it. None for this machine itself, which
 * programs and proxies on it speak from for everybody. A text that is no address stands for itself.
 */
export function networkOf(address: string | undefined): string | undefined {
  if (address === undefined || !ipaddr.isValid(address)) return address;
  const plain = ipaddr.process(address);
  if (plain.range() === 'loopback') return undefined;
  if (plain instanceof ipaddr.IPv4) return plain.toString();
  return plain.parts
    .slice(0, IPV6_NETWORK_PARTS)
    .map(part => part.toString(16))
    .join(':');
}
