import { hostname } from 'node:os';
import { z } from 'zod';
import type { NodeConfig } from './platform/boot.ts';
import { LineLogger } from './platform/logger.ts';
import { RemoteErrors } from './platform/remote-errors.ts';
import { allServices, missingFrom, type ServiceName } from './services/index.ts';
import { faultIn } from './stores/event-log/eventstoredb/connection-string.ts';
import { faultIn as faultInRedis } from './stores/key-value/redis-url.ts';
import { faultIn as faultInMongo } from './stores/read-models/mongodb/url.ts';

/** Without a transporter no other node can serve what this one calls. */
function requireWhole(services: readonly ServiceName[], context: z.RefinementCtx): void {
  for (const [missing, service] of missingFrom(services)) {
    context.addIssue(`${service} needs ${missing}, which is not in the list`);
  }
}

export interface Config extends NodeConfig {
  /** all of them unless told otherwise */
  readonly services: readonly ServiceName[];
  readonly port: number;
  /** open at once, from all clients */
  readonly maxConnections: number;
  /** cookies go over HTTPS only */
  readonly secureCookie: boolean;
  /** proxies before this server whose word on a client's address is taken */
  readonly trustedProxies: number;
  /** of one member */
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

const environment = z.object({
  ZIPBOB_PROFILE: z.literal('embedded', 'this release runs the embedded profile only').default('embedded'),
  ZIPBOB_HOST: z.string().min(1).default('127.0.0.1'),
  ZIPBOB_PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'is not a port number')
    .default('3000')
    .transform(Number)
    .pipe(z.number().max(65_535, 'is not a port number')),
  ZIPBOB_MAX_CONNECTIONS: z
    .string()
    .regex(/^[1-9]\d{0,4}$/, 'is not a number from 1 to 99999')
    .default('1000')
    .transform(Number),
  ZIPBOB_DATA: z.string().min(1).default('./var'),
  EVENTSTORE_URL: z
    .string()
    .refine(url => !faultIn(url), { error: ({ input }) => faultIn(String(input)) })
    .optional(),
  MONGODB_URL: z
    .string()
    .refine(url => !faultInMongo(url), { error: ({ input }) => faultInMongo(String(input)) })
    .optional(),
  REDIS_URL: z
    .string()
    .refine(url => !faultInRedis(url), { error: ({ input }) => faultInRedis(String(input)) })
    .optional(),
  ZIPBOB_SERVICES: z
    .string()
    .default(allServices.join())
    .transform(list => list.split(',').map(name => name.trim()))
    .pipe(z.array(z.enum(allServices)).superRefine(requireWhole)),
  ZIPBOB_PUBLIC_URL: z.url().optional(),
  ZIPBOB_TRUSTED_PROXIES: count(0, 10, 0),
  ZIPBOB_COMMANDS_PER_HOUR: count(1, 1_000_000, 3600),
  ZIPBOB_ACCEPT_CLOCK: z.enum(['0', '1']).default('0'),
  ZIPBOB_LOG: z.enum(['error', 'warn', 'info', 'debug']).default('warn'),
});

/**
 * The one place that reads the environment.
 * @throws Error that names the variable which makes no sense
 */
export function readConfig(env: NodeJS.ProcessEnv = process.env): Config {
  const parsed = environment.safeParse(env);
  if (!parsed.success) {
    throw new Error(parsed.error.issues.map(({ path, message }) => `${path[0]?.toString()}: ${message}`).join('\n'));
  }
  const settings = parsed.data;
  return {
    broker: {
      nodeID: `zipbob-${hostname()}-${process.pid}`,
      logger: new LineLogger(settings.ZIPBOB_LOG),
      // start.ts ends the process, once all is closed.
      skipProcessEventRegistration: true,
      transporter: null,
      errorRegenerator: new RemoteErrors(),
      requestTimeout: 5000,
      tracking: { enabled: true, shutdownTimeout: 10_000 },
      // Our actions check their input themselves (platform/action.ts).
      validator: false,
    },
    services: settings.ZIPBOB_SERVICES,
    locations: {
      folder: settings.ZIPBOB_DATA,
      ...(settings.EVENTSTORE_URL !== undefined && { eventStoreUrl: settings.EVENTSTORE_URL }),
      ...(settings.MONGODB_URL !== undefined && { mongoUrl: settings.MONGODB_URL }),
      ...(settings.REDIS_URL !== undefined && { redisUrl: settings.REDIS_URL }),
    },
    host: settings.ZIPBOB_HOST,
    port: settings.ZIPBOB_PORT,
    maxConnections: settings.ZIPBOB_MAX_CONNECTIONS,
    secureCookie: settings.ZIPBOB_PUBLIC_URL?.startsWith('https:') ?? false,
    trustedProxies: settings.ZIPBOB_TRUSTED_PROXIES,
    commandsPerHour: settings.ZIPBOB_COMMANDS_PER_HOUR,
    acceptClock: settings.ZIPBOB_ACCEPT_CLOCK === '1',
  };
}
