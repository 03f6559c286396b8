import type { IncomingMessage } from 'node:http';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { networkOf } from '../../platform/network.ts';

/** All clients behind a trusted proxy that does not name them; they count as one. */
export const UNKNOWN = 'unknown';

type Request = Pick<IncomingMessage, 'headers'> & { readonly socket: { readonly remoteAddress?: string | undefined } };

/**
 * The client address of a request. Without trusted proxies it is the socket's, regardless of headers. Otherwise it is
 * the entry of the outermost proxy: the n-th from the right of `Forwarded` (RFC 7239) or `X-Forwarded-For`; entries to
 * its left come from the client and are ignored. If that entry is missing or malformed, or the headers disagree, it is
 * the socket's address, or `UNKNOWN` if the socket is local.
 */
export function clientAddress({ headers, socket }: Request, trustedProxies: number): string | undefined {
  if (trustedProxies === 0) return socket.remoteAddress;
  const addresses = [
    entryOf(forwarded(joined(headers.forwarded)), trustedProxies),
    entryOf(joined(headers['x-forwarded-for'])?.split(',').map(addressOf), trustedProxies),
  ].filter(entry => entry !== 'no header');
  const agree = addresses.every(entry => networkOf(entry) === networkOf(addresses[0]));
  const address = (agree ? addresses[0] : undefined) ?? socket.remoteAddress;
  return networkOf(address) === undefined ? UNKNOWN : address;
}

const joined = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header.join() : header;

function entryOf(entries: readonly (string | undefined)[] | undefined, fromRight: number) {
  return entries === undefined ? 'no header' : entries.at(-fromRight);
}

/** An address with or without a port; of IPv6 with a port, in brackets. */
function addressOf(text: string): string | undefined {
  const plain = text.trim();
  if (isIP(plain) !== 0) return plain;
  const [, v6, v4] = plain.match(/^(?:\[([^\]]*)\]|([\d.]*))(?::\d{1,5})?$/) ?? [];
  if (v6 !== undefined && isIPv6(v6)) return v6;
  return v4 !== undefined && isIPv4(v4) ? v4 : undefined;
}

const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const PAIR = new RegExp(`^[ \\t]*(${TOKEN})=(?:(${TOKEN})|"((?:[^"\\\\]|\\\\.)*)")[ \\t]*([;,]|$)`);

/**
 * The addresses of a `Forwarded` header, one per element. A malformed header is ignored as a whole: a client may have
 * sent an open quotation mark, which swallows the proxies' entries.
 */
function forwarded(header: string | undefined): (string | undefined)[] | undefined {
  if (header === undefined) return undefined;
  const elements: (string | undefined)[][] = [[]];
  for (let rest = header; rest !== ''; ) {
    const found = rest.match(PAIR);
    if (!found) return [];
    const [all, name, token, quoted, end] = found;
    if (name!.toLowerCase() === 'for') elements.at(-1)!.push(token ?? quoted!.replaceAll(/\\(.)/g, '$1'));
    rest = rest.slice(all.length);
    if (end === ',') elements.push([]);
  }
  return elements.map(([only, ...more]) => (only === undefined || more.length > 0 ? undefined : addressOf(only)));
}
