import { existsSync } from 'node:fs';
import type { AddressInfo, Server } from 'node:net';
import { ServiceBroker, type ServiceSchema } from 'moleculer';
import { openLog, readLogIdentity } from './core/log-identity.ts';
import { type Config, readConfig } from './moleculer.config.ts';
import { takeDataFolder } from './platform/data-folder.ts';
import type { Parts } from './platform/parts.ts';
import { keyFile, openEventStore, openKeyStore, openKeyValue, openReadModels } from './platform/stores.ts';
import { Views, viewsService } from './platform/views.ts';

const DAY_MS = 86_400_000;

type Closing = () => Promise<void> | void;

/** Opens the stores, checks that they belong together, starts the services. What it opened, `closing` closes again. */
async function start(config: Config, closing: Closing[]): Promise<string | undefined> {
  const { locations } = config;
  const folder = takeDataFolder(locations.folder);
  closing.push(folder.release);
  const clock = () => new Date();

  const store = openEventStore(locations);
  closing.push(() => store.close());
  if ((await readLogIdentity(store)) && !existsSync(keyFile(locations))) {
    throw new Error(`the keys of this event log are missing (${keyFile(locations)}): put them back from a backup`);
  }
  await checkClock(store, clock, config.acceptClock);
  const keys = openKeyStore(locations);
  closing.push(() => keys.close());
  const logId = await openLog(store, keys.identity, { clock });
  const keyValue = openKeyValue(locations, clock);
  closing.push(() => keyValue.close());
  const stores = openReadModels(locations);
  closing.push(async () => void (await Promise.all([...new Set(Object.values(stores))].map(models => models.close()))));

  const views = new Views(stores);
  const parts: Parts & Config = { ...config, store, keys, keyValue, views, logId, clock };
  const broker = new ServiceBroker(config.broker);
  broker.createService(viewsService(views));
  for (const name of config.services) {
    const { default: service } = (await import(`./services/${name}/${name}.service.ts`)) as {
      default: (parts: Parts & Config) => ServiceSchema;
    };
    broker.createService(service(parts));
  }
  closing.push(() => broker.stop());
  await broker.start();

  const address = addressOf(broker, config.host);
  folder.announce({ pid: process.pid, ...(address && { address }) });
  return address;
}

/** @throws Error where the clock is so far behind the newest fact that every new one would seem to be older */
async function checkClock(store: ReturnType<typeof openEventStore>, clock: () => Date, accept: boolean): Promise<void> {
  const { newest } = await store.head();
  const behind = newest ? Date.parse(newest.meta.at) - clock().getTime() : 0;
  if (behind <= DAY_MS || accept) return;
  throw new Error(
    `this machine's clock (${clock().toISOString()}) is behind the newest fact of the log (${newest!.meta.at}). Set the clock, or start with ZIPBOB_ACCEPT_CLOCK=1`,
  );
}

/** Where the gateway of this node listens, if it carries one. */
function addressOf(broker: ServiceBroker, host: string): string | undefined {
  const gateway = broker.getLocalService('gateway') as { server?: Server } | null;
  const listening = gateway?.server?.address() as AddressInfo | null | undefined;
  const shown = host.includes(':') ? `[${host}]` : host;
  return listening ? `http://${shown}:${listening.port}` : undefined;
}

const closing: Closing[] = [];

async function stop(code: number): Promise<never> {
  for (const close of closing.splice(0).reverse()) {
    await Promise.resolve(close()).catch((error: unknown) => console.error(error));
  }
  process.exit(code);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(0));
try {
  const address = await start(readConfig(), closing);
  console.log(`ready ${address ?? 'without a gateway'}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  await stop(1);
}
