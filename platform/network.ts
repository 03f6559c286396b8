import ipaddr from 'ipaddr.js';

const IPV6_NETWORK_PARTS = 4;

/**
 * The network of an address: of IPv6 the /64, because every customer has a whole one. Undefined for this machine
 * itself, whose programs and proxies act for everybody. A text that is no address is returned unchanged.
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
