import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import type client from '@eventstore/db-client';

const NONE = 'is not a connection string, such as esdb://user:password@host:2113?tls=true';
/**
 * Who logs in, if anybody, the hosts, the options. Where an @ or a ? of the password is not escaped, the client takes
 * part of it for a host or an option, which errors then name.
 */
const SHAPE = /^esdb(\+discover)?:\/\/([^:@?]+:[^@?]+@[^@?]+(\?.*)?|[^@?]+(\?[^@]*)?)$/;
const PARTS = /^esdb(\+discover)?:\/\/(?<login>[^@?]*@)?(?<hosts>[^?]*)(?<options>\?.*)?$/;
/** The client overlooks slashes at the end. */
const OPTION_LIST = /\?(.+?)\/*$/;
const OPTION = /^([^=]+)=./;
/** the client's own */
const KEEP_ALIVE_TIMEOUT_MS = 10_000;
/** Those that the client knows, as it compares them. It reads past `tlsVerifyCert`. */
const OPTIONS = new Set(
  [
    'connectionName',
    'defaultDeadline',
    'discoveryInterval',
    'gossipTimeout',
    'keepAliveInterval',
    'keepAliveTimeout',
    'maxDiscoverAttempts',
    'nodePreference',
    'throwOnAppendFailure',
    'tls',
    'tlsCAFile',
    'userCertFile',
    'userKeyFile',
  ].map(flat),
);

/**
 * What is wrong with a connection string, in words that do not repeat it, nor the password in it. The client itself
 * would: in its errors, and on the console for each option that it does not know.
 */
export function faultIn(url: string): string | undefined {
  const text = url.trim();
  if (!SHAPE.test(text)) return NONE;
  for (const option of optionsOf(text)) {
    const name = nameOf(option);
    if (name === undefined) return NONE;
    if (flat(name) === flat('tlsVerifyCert')) {
      return 'must not have the option tlsVerifyCert, which has no effect: tlsCAFile names the certificate to trust';
    }
    if (!OPTIONS.has(flat(name))) return `has an option that is not known: ${name.trim()}`;
  }
  try {
    // Settings are read by every program, and most have no such URL: the client takes 20 MB.
    const { EventStoreDBClient } = createRequire(import.meta.url)('@eventstore/db-client') as typeof client;
    const { throwOnAppendFailure } = EventStoreDBClient.connectionString(text) as unknown as Settings;
    // A conflict would then be answered like a success.
    return throwOnAppendFailure ? undefined : 'must not turn off throwOnAppendFailure';
  } catch (error) {
    return 'connectionString' in (error as Error) ? NONE : `cannot be used: ${(error as Error).message}`;
  }
}

/**
 * What an operator should do about a connection string that works, if anything. TLS knows no IP address as the name of
 * a server (RFC 6066, section 3), and Node prints a deprecation warning for each process that connects to one.
 */
export function adviceOn(url: string): string | undefined {
  const tls = optionsOf(url.trim()).findLast(option => flat(nameOf(option) ?? '') === 'tls');
  if (tls?.toLowerCase().endsWith('=false')) return undefined;
  const { hosts = '' } = PARTS.exec(url.trim())?.groups ?? {};
  const address = hosts.split(',').find(host => isIP(host.replace(PORT, '').replace(BRACKETS, '$1')));
  return address && `names ${address} by its IP address: with TLS, use the host name that is in its certificate`;
}

const PORT = /:\d+$/;
const BRACKETS = /^\[(.*)\]$/;

/** Of the client, not for everybody. */
interface Settings {
  readonly throwOnAppendFailure: boolean;
}

/**
 * For a client that shares no connection with others: without TLS, gRPC has one for all channels with equal options. So
 * their keepalive differs by milliseconds.
 */
export function distinct(url: string, n: number): string {
  const text = url.trim().replace(/\/+$/, '');
  const given = optionsOf(text).findLast(option => flat(nameOf(option)!) === flat('keepAliveTimeout'));
  const timeout = given ? Number.parseInt(given.slice(given.indexOf('=') + 1), 10) : KEEP_ALIVE_TIMEOUT_MS;
  if (timeout < 0) return text; // it shall have none
  return `${text}${text.includes('?') ? '&' : '?'}keepAliveTimeout=${timeout + (n % 1000)}`;
}

/** One for each host of a cluster. */
export function singleHosts(url: string): string[] {
  const { login = '', hosts = '', options = '' } = PARTS.exec(url.trim())?.groups ?? {};
  return hosts
    .split(',')
    .filter(host => host !== '')
    .map(host => `esdb://${login}${host}${options}`);
}

const optionsOf = (text: string): string[] => OPTION_LIST.exec(text)?.[1]?.split('&') ?? [];

const nameOf = (option: string): string | undefined => OPTION.exec(option)?.[1];

/** As the client compares names. */
function flat(name: string): string {
  return name.trim().toLowerCase().replace(/[_-]/g, '');
}
