import { readFileSync } from 'node:fs';

const NONE = 'is not a connection string, such as mariadb://user:password@host:3306/schema?tls=true';
const SCHEMES = new Set(['mariadb:', 'mysql:']);
/** A schema has a name that needs no escaping. Where a password has an unescaped slash, its rest does not pass for one. */
const PATH = /^\/[\w-]{1,64}$/;
const OPTIONS = new Set(['tls', 'tlsCAFile']);
const DEFAULT_PORT = 3306;

/** What a connection string says. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly schema: string;
  readonly tls: boolean;
  /** of the authority that signed the server's certificate; else those that Node knows */
  readonly caFile?: string;
}

/** What is wrong with a connection string, in words that do not repeat it, nor the password in it. */
export function faultIn(url: string): string | undefined {
  const text = url.trim();
  const parsed = URL.canParse(text) ? new URL(text) : undefined;
  if (!parsed || !SCHEMES.has(parsed.protocol) || parsed.hostname === '' || parsed.hash !== '') return NONE;
  if (parsed.pathname.length <= 1) return 'names no schema: mariadb://user:password@host:3306/schema';
  if (!PATH.test(parsed.pathname) || parsed.search.includes('@') || !isEscaped(parsed)) return NONE;
  const unknown = [...parsed.searchParams.keys()].find(name => !OPTIONS.has(name));
  if (unknown !== undefined) return `has an option that is not known: ${unknown}`;
  const tls = parsed.searchParams.get('tls');
  if (tls !== null && tls !== 'true' && tls !== 'false') return 'must have tls=true or tls=false';
  const caFile = parsed.searchParams.get('tlsCAFile');
  if (caFile === null) return undefined;
  if (tls !== 'true') return 'has tlsCAFile, but not tls=true';
  return isReadable(caFile) ? undefined : 'names a tlsCAFile that cannot be read';
}

/** @param url one without a fault */
export function endpointOf(url: string): Endpoint {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url.trim());
  const caFile = searchParams.get('tlsCAFile');
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? DEFAULT_PORT : Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    schema: pathname.slice(1),
    tls: searchParams.get('tls') === 'true',
    ...(caFile !== null && { caFile }),
  };
}

/** For messages. */
export const placeOf = ({ host, port, schema }: Endpoint): string =>
  `mariadb://${host.includes(':') ? `[${host}]` : host}:${port}/${schema}`;

function isEscaped({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password);
    return true;
  } catch {
    return false;
  }
}

function isReadable(file: string): boolean {
  try {
    return readFileSync(file).length > 0;
  } catch {
    return false;
  }
}
