import { readFileSync } from 'node:fs';
import type { BrokerOptions } from 'moleculer';
import type { ConnectionOptions } from 'nats';

const NONE = 'is not a list of URLs such as nats://user:password@host:4222; tls:// is with TLS';
const SCHEMES = new Set(['nats:', 'tls:']);
const CONNECT_MS = 5000;

/**
 * A node without a heartbeat for this long counts as gone. Nodes check that as often, so a killed node is noticed within
 * four seconds. Its calls in flight are then rejected, and retried on another node within the five seconds of a request.
 */
const SILENT_SECONDS = 2;
const HEARTBEAT_SECONDS = 1;
/** A node that times out half of at least five calls in ten seconds gets none for five seconds. */
const BREAKER = { windowTime: 10, minRequestCount: 5, threshold: 0.5, halfOpenTime: 5000 };
/** Concurrent and waiting calls of one action. */
const BULKHEAD = { concurrency: 500, maxQueueSize: 1000 };

/** The fault of a list of NATS URLs, without repeating them or their password. */
export function faultIn(urls: string): string | undefined {
  const parsed = urls.split(',').map(url => URL.parse(url.trim()));
  if (!parsed.every(url => url?.hostname && SCHEMES.has(url.protocol) && url.pathname.length <= 1)) return NONE;
  const options = parsed.flatMap(url => [...url!.searchParams.keys()]);
  const unknown = options.find(name => name !== 'tlsCAFile');
  return unknown === undefined ? undefined : `has an unknown option: ${unknown}`;
}

/** The hosts of a NATS, for messages. */
export const placeOf = (urls: string): string => serversOf(urls).join(',');

const serversOf = (urls: string): string[] =>
  urls.split(',').map(url => {
    const { hostname, port } = new URL(url.trim());
    return `${hostname}:${port || '4222'}`;
  });

/** The connection options of valid URLs. A user without a password is a token. */
function connectionTo(urls: string): ConnectionOptions {
  const { username, password, protocol, searchParams } = new URL(urls.split(',', 1)[0]!.trim());
  const [user, pass] = [decodeURIComponent(username), decodeURIComponent(password)];
  const caFile = searchParams.get('tlsCAFile');
  return {
    servers: serversOf(urls),
    timeout: CONNECT_MS,
    ...(user && (pass ? { user, pass } : { token: user })),
    ...(protocol === 'tls:' && { tls: caFile === null ? {} : { ca: readFileSync(caFile, 'utf8') } }),
  };
}

/** Broker options for nodes that find each other by NATS. */
export const onBus = (urls: string): BrokerOptions => ({
  transporter: { type: 'NATS', options: connectionTo(urls) },
  heartbeatInterval: HEARTBEAT_SECONDS,
  heartbeatTimeout: SILENT_SECONDS,
  bulkhead: { enabled: true, ...BULKHEAD },
  circuitBreaker: { enabled: true, ...BREAKER, check: ({ name }) => name === 'RequestTimeoutError' },
  // Only calls whose node went away: all our actions may be repeated. Waiting for a store is the adapter's job.
  retryPolicy: {
    enabled: true,
    retries: 2,
    delay: 50,
    check: error => (error as Error).name === 'RequestRejectedError',
  },
});

/** @throws Error for the operator if the NATS does not take a connection within five seconds */
export async function requireBus(urls: string): Promise<void> {
  const { connect } = await import('nats');
  try {
    const connection = await connect({ ...connectionTo(urls), maxReconnectAttempts: 0 });
    await connection.close();
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const reason = REASONS[code ?? ''] ?? message;
    throw new Error(`NATS_URL (${placeOf(urls)}): ${reason}`, { cause: error });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  AUTHORIZATION_VIOLATION: 'user, password or token is wrong',
  CONNECTION_REFUSED: 'no server answers there',
  CONNECTION_TIMEOUT: 'no server answers there',
  TIMEOUT: 'no server answers there',
};
