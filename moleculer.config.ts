import { hostname } from 'node:os';
import { z } from 'zod';
import type { NodeConfig } from './platform/boot.ts';
import { faultIn as faultInNats, onBus } from './platform/bus.ts';
import { LineLogger } from './platform/logger.ts';
import { RemoteErrors } from './platform/remote-errors.ts';
import { isTracing } from './platform/telemetry.ts';
import { tracingMiddleware } from './platform/tracing.ts';
import { allServices, missingFrom, type ServiceName } from './services/index.ts';
import { faultIn } from './stores/event-log/eventstoredb/connection-string.ts';
import { faultIn as faultInRedis } from './stores/key-value/redis-url.ts';
import { faultIn as faultInMariaDb } from './stores/mariadb/url.ts';
import { faultIn as faultInMongo } from './stores/read-models/mongodb/url.ts';

export interface Config extends NodeConfig {
  /** by default all */
  readonly services: readonly ServiceName[];
  readonly port: number;
  /** several gateways of this machine listen on the port (Linux) */
  readonly sharedPort: boolean;
  /** open connections of all clients */
  readonly maxConnections: number;
  /** cookies go over HTTPS only */
  readonly secureCookie: boolean;
  /** number of proxies whose header on a client's address is trusted */
  readonly trustedProxies: number;
  /** per member */
  readonly commandsPerHour: number;
}

/** A whole number in these bounds. */
const count = (least: number, most: number, usual: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'is not a whole number')
    .default(String(usual))
    .transform(Number)
    .pipe(z.number().min(least, `is less than ${least}`).max(most, `is more than ${most}`));

const mariaDbUrl = z
  .string()
  .refine(url => !faultInMariaDb(url), { error: ({ input }) => faultInMariaDb(String(input)) })
  .optional();

const variables = z.object({
  ZIPBOB_PROFILE: z.enum(['embedded', 'cluster']).default('embedded'),
  ZIPBOB_HOST: z.string().min(1).default('127.0.0.1'),
  ZIPBOB_PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'is not a port number')
    .default('3000')
    .transform(Number)
    .pipe(z.number().max(65_535, 'is not a port number')),
  ZIPBOB_SHARED_PORT: z.enum(['0', '1']).default('0'),
  ZIPBOB_MAX_CONNECTIONS: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'is not a number from 1 to 99999')
    .default('1000')
    .transform(Number),
  ZIPBOB_DATA: z.string().min(1).optional(),
  ZIPBOB_OPERATOR_TOKEN: z.string().min(32, 'is shorter than 32 characters').optional(),
  EVENTSTORE_URL: z
    .string()
    .refine(url => !faultIn(url), { error: ({ input }) => faultIn(String(input)) })
    .optional(),
  MARIADB_URL: mariaDbUrl,
  MARIADB_READ_URL: mariaDbUrl,
  MARIADB_KEYS_URL: mariaDbUrl,
  MONGODB_URL: z
    .string()
    .refine(url => !faultInMongo(url), { error: ({ input }) => faultInMongo(String(input)) })
    .optional(),
  NATS_URL: z
    .string()
    .refine(urls => !faultInNats(urls), { error: ({ input }) => faultInNats(String(input)) })
    .optional(),
  REDIS_URL: z
    .string()
    .refine(url => !faultInRedis(url), { error: ({ input }) => faultInRedis(String(input)) })
    .optional(),
  ZIPBOB_SERVICES: z
    .string()
    .default(allServices.join())
    .transform(list => list.split(',').map(name => name.trim()))
    .pipe(z.array(z.enum(allServices))),
  ZIPBOB_PUBLIC_URL: z.url().optional(),
  ZIPBOB_TRUSTED_PROXIES: count(0, 10, 0),
  ZIPBOB_COMMANDS_PER_HOUR: count(1, 1_000_000, 3600),
  ZIPBOB_ACCEPT_CLOCK: z.enum(['0', '1']).default('0'),
  ZIPBOB_LOG: z.enum(['error', 'warn', 'info', 'debug']).default('warn'),
});

/** Without one of these, its store is a file in the data folder. */
const STORES = ['EVENTSTORE_URL', 'MARIADB_URL', 'MARIADB_KEYS_URL', 'MONGODB_URL', 'REDIS_URL'] as const;

const environment = variables
  .refine(({ MARIADB_URL, MARIADB_READ_URL: replica }) => MARIADB_URL || !replica, {
    path: ['MARIADB_READ_URL'],
    error: 'names a replica: MARIADB_URL must name the primary',
  })
  .superRefine((settings, context) => {
    if (settings.ZIPBOB_PROFILE !== 'cluster') return;
    for (const variable of STORES.filter(name => settings[name] === undefined)) {
      context.addIssue({ code: 'custom', path: [variable], message: 'is missing: ZIPBOB_PROFILE=cluster needs it' });
    }
  })
  .superRefine(({ NATS_URL, ZIPBOB_SERVICES }, context) => {
    if (NATS_URL !== undefined) return; // other nodes may serve the rest; /readyz names what none does
    for (const [missing, service] of missingFrom(ZIPBOB_SERVICES)) {
      const message = `${service} needs ${missing}, which is not in the list`;
      context.addIssue({ code: 'custom', path: ['ZIPBOB_SERVICES'], message });
    }
  });

/**
 * The one place that reads the environment.
 * @throws Error that names each invalid variable
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map(({ path, message }) => `${path[0]?.toString()}: ${message}`).join('\n'));
  }
  const settings = parsed.data;
  const needsFolder = STORES.some(variable => settings[variable] === undefined);
  const folder = settings.ZIPBOB_DATA ?? (needsFolder ? './var' : undefined);
  return {
    broker: {
      nodeID: `zipbob-${hostname()}-${process.pid}`,
      logger: new LineLogger(settings.ZIPBOB_LOG),
      // start.ts ends the process once everything is closed.
      skipProcessEventRegistration: true,
      ...(settings.NATS_URL === undefined ? { transporter: null } : onBus(settings.NATS_URL)),
      errorRegenerator: new RemoteErrors(),
      requestTimeout: 5000,
      ...(isTracing(env) && { middlewares: [tracingMiddleware] }),
      tracking: { enabled: true, shutdownTimeout: 10_000 },
      // Our actions check their input themselves (platform/action.ts).
      validator: false,
    },
    ...(settings.NATS_URL !== undefined && { natsUrl: settings.NATS_URL }),
    services: settings.ZIPBOB_SERVICES,
    locations: {
      ...(folder !== undefined && { folder }),
      ...(settings.EVENTSTORE_URL !== undefined && { eventStoreUrl: settings.EVENTSTORE_URL }),
      ...(settings.MARIADB_URL !== undefined && { mariaDbUrl: settings.MARIADB_URL }),
      ...(settings.MARIADB_READ_URL !== undefined && { mariaDbReadUrl: settings.MARIADB_READ_URL }),
      ...(settings.MARIADB_KEYS_URL !== undefined && { mariaDbKeysUrl: settings.MARIADB_KEYS_URL }),
      ...(settings.MONGODB_URL !== undefined && { mongoUrl: settings.MONGODB_URL }),
      ...(settings.REDIS_URL !== undefined && { redisUrl: settings.REDIS_URL }),
    },
    ...(settings.ZIPBOB_OPERATOR_TOKEN !== undefined && { operatorToken: settings.ZIPBOB_OPERATOR_TOKEN }),
    host: settings.ZIPBOB_HOST,
    port: settings.ZIPBOB_PORT,
    sharedPort: settings.ZIPBOB_SHARED_PORT === '1',
    maxConnections: settings.ZIPBOB_MAX_CONNECTIONS,
    secureCookie: settings.ZIPBOB_PUBLIC_URL?.startsWith('https:') ?? false,
    trustedProxies: settings.ZIPBOB_TRUSTED_PROXIES,
    commandsPerHour: settings.ZIPBOB_COMMANDS_PER_HOUR,
    acceptClock: settings.ZIPBOB_ACCEPT_CLOCK === '1',
  };
}
