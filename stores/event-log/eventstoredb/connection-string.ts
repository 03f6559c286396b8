import { createRequire } from 'node:module';
import { isIP } from 'node:net';
import type client from '@eventstore/db-client';

const NONE = 'is not a connection string, such as esdb://user:password@host:2113?tls=true';
/**
 * An optional login, the hosts, the options. If an @ or ? in the password is not escaped, the client takes a part of the
 * password for a host or an option, and names it in errors.
 */
const SHAPE = /^esdb(\+discover)?:\/\/([^:@?]+:[^@?]+@[^@?]+(\?.*)?|[^@?]+(\?[^@]*)?)$/;
const PARTS = /^esdb(\+discover)?:\/\/(?<login>[^@?]*@)?(?<hosts>[^?]*)(?<options>\?.*)?$/;
/** The client ignores slashes at the end. */
const OPTION_LIST = /\?(.+?)\/*$/;
const OPTION = /^([^=]+)=./;
/** the client's default */
const KEEP_ALIVE_TIMEOUT_MS = 10_000;
/** The options that the client knows, normalized as it does. `tlsVerifyCert` is missing: the client ignores it. */
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
 * Returns what is wrong with a connection string, without repeating the string or its password. The client's own errors
 * repeat them, and so does its warning on the console for each unknown option.
 */
export function faultIn(url: string): string | undefined {
  const text = url.trim();
  if (!SHAPE.test(text)) return NONE;
  for (const option of optionsOf(text)) {
    const name = nameOf(option);
    if (name === undefined) return NONE;
    if (flat(name) === flat('tlsVerifyCert')) {
      return 'must not have the option tlsVerifyCert, which has no effect: name the trusted certificate with tlsCAFile';
    }
    if (!OPTIONS.has(flat(name))) return `has an unknown option: ${name.trim()}`;
  }
  try {
    // Loaded only here, because the client takes 20 MB and most programs have no such URL.
    const { EventStoreDBClient } = createRequire(import.meta.url)('@eventstore/db-client') as typeof client;
    const { throwOnAppendFailure } = EventStoreDBClient.connectionString(text) as unknown as Settings;
    // With it, the client answers a conflict like a success.
    return throwOnAppendFailure ? undefined : 'must not turn off throwOnAppendFailure';
  } catch (error) {
    return 'connectionString' in (error as Error) ? NONE : `cannot be used: ${(error as Error).message}`;
  }
}

/**
 * Returns advice for the operator about a connection string that works, if there is any. An IP address is not valid as a
 * TLS server name (RFC 6066, section 3), and Node prints a deprecation warning for each process that connects to one.
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

/** Internal settings of the client. */
interface Settings {
  readonly throwOnAppendFailure: boolean;
}

/**
 * Changes the connection string so that its client shares no connection with others. Without TLS, gRPC uses one
 * connection for all channels with equal options; so each client gets a keepalive timeout that differs by milliseconds.
 */
export function distinct(url: string, n: number): string {
  const text = url.trim().replace(/\/+$/, '');
  const given = optionsOf(text).findLast(option => flat(nameOf(option)!) === flat('keepAliveTimeout'));
  const timeout = given ? Number.parseInt(given.slice(given.indexOf('=') + 1), 10) : KEEP_ALIVE_TIMEOUT_MS;
  if (timeout < 0) return text; // keepalive is turned off
  return `${text}${text.includes('?') ? '&' : '?'}keepAliveTimeout=${timeout + (n % 1000)}`;
}

/** Returns a connection string for each host of a cluster. */
export function singleHosts(url: string): string[] {
  const { login = '', hosts = '', options = '' } = PARTS.exec(url.trim())?.groups ?? {};
  return hosts
    .split(',')
    .filter(host => host !== '')
    .map(host => `esdb://${login}${host}${options}`);
}

const optionsOf = (text: string): string[] => OPTION_LIST.exec(text)?.[1]?.split('&') ?? [];

const nameOf = (option: string): string | undefined => OPTION.exec(option)?.[1];

/** Normalizes an option name as the client does. */
function flat(name: string): string {
  return name.trim().toLowerCase().replace(/[_-]/g, '');
}
