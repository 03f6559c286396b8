import { parentPort, workerData } from 'node:worker_threads';
import type { Projection } from '../../core/projection.ts';
import { catchUp, type Member, member, Projector, REBUILD_BATCH } from '../../core/projector.ts';
import { openEventStore, openReadModels } from '../../platform/stores.ts';
import { allProjections } from '../../projections/index.ts';
import type { FromProjector, MemberStatus, ProjectorTask, ToProjector } from './messages.ts';

/** The projector's thread: feeds all read models from one follower, or builds one generation and ends. */
const { locations, logId, rebuild } = workerData as ProjectorTask;
const port = parentPort!;
const tell = (message: FromProjector) => port.postMessage(message);

const store = openEventStore(locations);
const stores = openReadModels(locations);
const projections = await allProjections();
const served = new Map<string, Member>();

const modelsOf = (projection: Projection) => stores[projection.store];
const named = (name: string): Projection => {
  const found = projections.find(projection => projection.name === name);
  if (!found) throw new Error(`there is no projection called ${name}`);
  return found;
};
const load = (projection: Projection, generation: number) =>
  member(store, modelsOf(projection), logId, projection, generation);

const statusOf = ({ projection, generation, checkpoint, parked, live }: Member): MemberStatus => ({
  name: projection.name,
  version: projection.version,
  generation,
  position: checkpoint?.position ?? 0,
  parked: parked.size,
  live,
});

async function close(): Promise<void> {
  await Promise.all([...new Set(Object.values(stores))].map(models => models.close()));
  await store.close();
}

const projector = new Projector(store, logId, {
  advanced: fed => tell({ type: 'advanced', status: statusOf(fed) }),
  interrupted: ({ message }) => tell({ type: 'interrupted', message }),
  resumed: () => tell({ type: 'resumed' }),
  stopped: reason => tell({ type: 'stopped', name: reason.name, message: reason.message }),
});

/** Starts where each read model stands; what is missing or of another log is built before all is ready. */
async function followAll(): Promise<void> {
  const members = await Promise.all(
    projections.map(async projection => {
      const generation = (await modelsOf(projection).served(projection as Projection<never>)) ?? 0;
      return load(projection, generation);
    }),
  );
  projector.start();
  await Promise.all(
    members.map(async joining => {
      await projector.add(joining);
      await serve(joining);
    }),
  );
  tell({ type: 'ready' });
}

async function serve(joined: Member): Promise<void> {
  const { projection, generation } = joined;
  await modelsOf(projection).serve(projection as Projection<never>, generation);
  served.set(projection.name, joined);
  tell({ type: 'advanced', status: statusOf(joined) });
}

/** Takes over a generation that was built aside, once it has caught up with the one that is served. */
async function adopt(name: string, generation: number): Promise<void> {
  const projection = named(name);
  const joining = await load(projection, generation);
  const before = served.get(name);
  await projector.add(joining);
  await serve(joining);
  // The one before stays readable for whoever looked it up a moment ago; the one before that is gone for good.
  if (before) projector.remove(before);
  if (generation >= 2) await modelsOf(projection).drop(projection as Projection<never>, generation - 2);
  tell({ type: 'promoted', name, generation });
}

async function build({ name, generation }: NonNullable<ProjectorTask['rebuild']>): Promise<void> {
  const projection = named(name);
  await modelsOf(projection).drop(projection as Projection<never>, generation); // what an interrupted rebuild left
  const built = await load(projection, generation);
  await catchUp(store, logId, built, { onError: 'stop', batch: REBUILD_BATCH, restful: true });
  await close();
  tell({ type: 'ready' });
}

function giveUp(error: unknown): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  tell({ type: 'stopped', name, message });
}

if (rebuild) {
  await build(rebuild).catch(giveUp);
} else {
  port.on('message', (message: ToProjector) => {
    if (message.type === 'adopt') adopt(message.name, message.generation).catch(giveUp);
    else
      projector
        .stop()
        .then(close)
        .then(() => port.close(), giveUp);
  });
  await followAll().catch(giveUp);
}
