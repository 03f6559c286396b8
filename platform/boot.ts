import type { AddressInfo, Server } from 'node:net';
import { type BrokerOptions, ServiceBroker, type ServiceSchema } from 'moleculer';
import type { Clock } from '../core/command-handler.ts';
import { Unavailable } from '../core/errors.ts';
import type { EventStore } from '../core/event-store/port.ts';
import { continues, openLog, readLogIdentity } from '../core/log-identity.ts';
import { baseCatalogue } from '../domain/base-catalogue.ts';
import {
  adviceOnStores,
  keysExist,
  keysPlace,
  type Locations,
  logExists,
  logPlace,
  openEventStore,
  openKeyStore,
  openKeyValue,
} from '../stores/open.ts';
import { openViews } from '../stores/views.ts';
import { requireBus } from './bus.ts';
import { takeDataFolder } from './data-folder.ts';
import { newOperatorToken, sharedOperatorToken } from './operator-token.ts';
import { handlersOn, type Parts } from './parts.ts';
import type { Starting } from './starting.ts';
import { tracedLog } from './tracing.ts';
import { Views, viewsService } from './views.ts';

const DAY_MS = 86_400_000;

/** The configuration of every node. */
export interface NodeConfig {
  readonly broker: BrokerOptions;
  /** the bus that joins the nodes; without it this node is the only one */
  readonly natsUrl?: string;
  readonly locations: Locations;
  readonly host: string;
  /** for programs that act as the operator; by default it is found in the data folder or derived from the key store */
  readonly operatorToken?: string;
  /** start although the clock is behind the log */
  readonly acceptClock: boolean;
}

export interface Node {
  readonly broker: ServiceBroker;
  /** where its gateway listens, if it runs one */
  readonly address?: string;
  close(): Promise<void>;
}

/** The methods of a gateway that the node needs. */
interface Gateway {
  readonly server?: Server;
  listen(): Promise<void>;
  hangUp(): Promise<void>;
}

type MakeService<C> = (parts: Parts & C & { operatorToken: string; starting: Starting }) => ServiceSchema;

/**
 * Opens the stores, checks that they belong together, and starts the services. After a failure everything is closed
 * again.
 * @throws Error with a message for the operator
 */
export async function boot<C extends NodeConfig>(
  config: C,
  services: readonly MakeService<C>[],
  starting: Starting,
): Promise<Node> {
  const closing: (() => Promise<void> | void)[] = [];
  const close = async () => {
    for (const step of closing.splice(0).reverse()) await step();
  };
  try {
    const { locations, acceptClock } = config;
    const clock: Clock = () => new Date();
    const folder = locations.folder === undefined ? undefined : takeDataFolder(locations.folder);
    closing.push(() => folder?.release());

    if (config.natsUrl !== undefined) await starting.waitFor(() => 'an answer from NATS', requireBus(config.natsUrl));
    if (!logExists(locations) && (await keysInUse(locations))) throw missing(locations);
    const advice = adviceOnStores(locations);
    if (advice) console.warn(advice);
    const store = tracedLog(await openEventStore(locations));
    closing.push(() => store.close());
    const log = () => `an answer from the event log (${logPlace(locations)})`;
    const known = await starting.waitFor(log, readLogIdentity(store)).catch(error => {
      throw error instanceof Unavailable
        ? new Error(`${logPlace(locations)}: ${error.message}`, { cause: error })
        : error;
    });
    if (known && !(await keysExist(locations))) {
      throw new Error(`the keys of this event log are missing (${keysPlace(locations)}): put them back from a backup`);
    }
    if (!known && (await keysInUse(locations))) throw missing(locations);
    if (!acceptClock) await checkClock(store, clock);
    const keys = await openKeyStore(locations);
    closing.push(() => keys.close());
    const logId = await starting.waitFor(log, openLog(store, keys.identity, { clock }));
    const keyValue = await openKeyValue(locations, clock);
    closing.push(() => keyValue.close());
    const { stores, close: closeViews } = await starting.waitFor(() => 'the stores of the views', openViews(locations));
    closing.push(closeViews);
    // Before anything is written to a restored log.
    for (const models of new Set(Object.values(stores))) {
      for (const checkpoint of await models.checkpoints())
        await starting.waitFor(log, continues(store, logId, checkpoint));
    }

    const views = new Views(stores, store);
    const catalogue = baseCatalogue;
    const operatorToken = config.operatorToken ?? (folder ? newOperatorToken() : sharedOperatorToken(keys));
    const handler = handlersOn(store, clock);
    const parts = {
      ...config,
      store,
      keys,
      keyValue,
      views,
      logId,
      clock,
      handler,
      catalogue,
      starting,
      operatorToken,
    };
    // Two logs on one NATS are two clusters, which do not see each other.
    const broker = new ServiceBroker({ ...config.broker, namespace: `zipbob-${logId}` });
    for (const service of [viewsService(views), ...services.map(make => make(parts))]) broker.createService(service);
    closing.push(() => broker.stop());
    const gateway = broker.getLocalService('gateway') as unknown as Gateway | null;
    closing.push(() => gateway?.hangUp());
    await starting.waitFor(() => 'the services to start', broker.start());
    await gateway?.listen();

    const address = addressOf(gateway, config.host);
    folder?.announce({ pid: process.pid, ...(address && { address, token: operatorToken }) });
    return { broker, ...(address && { address }), close };
  } catch (error) {
    await close().catch(() => {}); // the first failure is the useful one
    throw error;
  }
}

/** Whether keys were used: if their log is missing, a new one would hide the loss. */
async function keysInUse(locations: Locations): Promise<boolean> {
  if (!(await keysExist(locations))) return false;
  const keys = await openKeyStore(locations);
  try {
    return await keys.inUse();
  } finally {
    await keys.close();
  }
}

const missing = (locations: Locations) =>
  new Error(`the event log that these keys belong to is missing (${logPlace(locations)}): put it back from a backup`);

/** @throws Error if the clock is so far behind the newest fact that new facts would seem older */
async function checkClock(store: EventStore, clock: Clock): Promise<void> {
  const { newest } = await store.head();
  // An EventStoreDB may also hold other programs' events, without such a time.
  const at = newest?.meta?.at;
  if (!at || Date.parse(at) - clock().getTime() <= DAY_MS) return;
  throw new Error(
    `this machine's clock (${clock().toISOString()}) is behind the newest fact of the log (${at}). Set the clock, or start with ZIPBOB_ACCEPT_CLOCK=1`,
  );
}

function addressOf(gateway: Gateway | null, host: string): string | undefined {
  const listening = gateway?.server?.address() as AddressInfo | null | undefined;
  const shown = host.includes(':') ? `[${host}]` : host;
  return listening ? `http://${shown}:${listening.port}` : undefined;
}
