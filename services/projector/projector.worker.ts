import { parentPort, workerData } from 'node:worker_threads';
import { takeTurns } from '../../core/lease.ts';
import { catchUp, REBUILD_BATCH } from '../../core/projector.ts';
import { openSubscriber } from '../../core/subscriber.ts';
import { baseCatalogue } from '../../domain/base-catalogue.ts';
import { startTelemetry } from '../../platform/telemetry.ts';
import { allProjections } from '../../projections/index.ts';
import { openEventStore, openReadModels } from '../../stores/open.ts';
import { Feeding, Halted, tellStopped } from './feeding.ts';
import type { FromProjector, ProjectorTask, ToProjector } from './messages.ts';

/**
 * The projector's thread. It stands by while another node holds the lease, and feeds all read models from one follower
 * while this node does; or it builds one generation and ends.
 */
const { locations, logId, holder, rebuild } = workerData as ProjectorTask;
const port = parentPort!;
const tell = (message: FromProjector) => port.postMessage(message);

const endTelemetry = await startTelemetry();
const store = await openEventStore(locations, { readOnly: true });
const stores = await openReadModels(locations);
const projections = await allProjections(baseCatalogue);

async function close(): Promise<void> {
  await Promise.all([...new Set(Object.values(stores))].map(models => models.close()));
  await store.close();
  await endTelemetry();
}

const stopping = new AbortController();
let feeding: Feeding | undefined;
/** it has fed or stood by before, so it waits for a store that goes away from now on */
let hasStarted = false;

/** Takes turns with other nodes until it is stopped. */
const takingTurns = (): Promise<void> =>
  takeTurns(
    {
      leases: stores.relational,
      name: 'projector',
      holder,
      signal: stopping.signal,
      onStandBy(other) {
        hasStarted = true;
        tell({ type: 'standing-by', holder: other });
      },
      onAway: ({ message }) => tell({ type: 'away', message }),
    },
    async turn => {
      tell({ type: 'feeding' });
      feeding = new Feeding({ store, stores, logId, projections, tell }, turn);
      try {
        await feeding.run();
        hasStarted = true;
      } catch (error) {
        if (hasStarted || error instanceof Halted) throw error;
        // A start that cannot open and serve its views, for instance because of a full disk, ends for the operator.
        tellStopped(tell, error);
        throw new Halted('the views could not be opened', { cause: error });
      } finally {
        feeding = undefined;
      }
    },
  );

/** @throws Error while this node stands by */
function feedingNow(): Feeding {
  if (!feeding) throw new Error('this projector stands by: another node feeds the read models');
  return feeding;
}

async function retire(name: string, version: number): Promise<void> {
  try {
    await feedingNow().retire(name, version);
  } catch (error) {
    tell({ type: 'not-retired', name, version, message: (error as Error).message });
  }
}

async function adopt(name: string, generation: number): Promise<void> {
  try {
    await feedingNow().adopt(name, generation);
  } catch (error) {
    tell({ type: 'refused', name, generation, message: (error as Error).message });
  }
}

async function build({ name, generation }: NonNullable<ProjectorTask['rebuild']>): Promise<void> {
  const projection = projections.find(projection => projection.name === name);
  if (!projection) throw new Error(`there is no projection called ${name}`);
  const models = stores[projection.store];
  await models.drop(projection, generation); // the remains of an interrupted rebuild
  const built = await openSubscriber(store, models, logId, projection, generation);
  await catchUp(store, logId, built, { onError: 'stop', batch: REBUILD_BATCH, restful: true });
  await close();
  tell({ type: 'ready' });
}

if (rebuild) {
  await build(rebuild).catch(error => tellStopped(tell, error, rebuild.name));
} else {
  const turns = takingTurns().catch(error => {
    if (!(error instanceof Halted)) tellStopped(tell, error);
  });
  port.on('message', (message: ToProjector) => {
    if (message.type === 'adopt') return void adopt(message.name, message.generation);
    if (message.type === 'retire') return void retire(message.name, message.version);
    stopping.abort();
    turns
      .then(close)
      // By force, because a client that looks for the leader of a silent cluster continues for minutes.
      .then(
        () => process.exit(),
        error => tellStopped(tell, error),
      );
  });
}
