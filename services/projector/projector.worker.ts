import { parentPort, workerData } from 'node:worker_threads';
import { explained } from '../../core/errors.ts';
import { type Member, member } from '../../core/member.ts';
import type { Projection } from '../../core/projection.ts';
import { catchUp, Projector, REBUILD_BATCH } from '../../core/projector.ts';
import { allFamilies } from '../../events/index.ts';
import { allProjections } from '../../projections/index.ts';
import { openEventStore, openReadModels } from '../../stores/open.ts';
import type { FromProjector, ProjectorTask, ToProjector } from './messages.ts';
import type { MemberStatus } from './projector.api.ts';

/** The projector's thread: feeds all read models from one follower, or builds one generation and ends. */
const { locations, logId, rebuild } = workerData as ProjectorTask;
const port = parentPort!;
const tell = (message: FromProjector) => port.postMessage(message);

const store = await openEventStore(locations, { readOnly: true });
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

/** Since when each member has been live or not, and why not. */
const standings = new WeakMap<Member, { live: boolean; since: string; reason?: string }>();
function standingOf(member: Member) {
  const known = standings.get(member);
  if (known?.live === member.live) return known;
  const standing = { live: member.live, since: new Date().toISOString() };
  standings.set(member, standing);
  return standing;
}

function statusOf(fed: Member): MemberStatus {
  const { projection, generation, checkpoint, parked } = fed;
  return {
    name: projection.name,
    version: projection.version,
    generation,
    position: checkpoint?.position ?? 0,
    parked: parked.size,
    ...standingOf(fed),
  };
}

async function close(): Promise<void> {
  await Promise.all([...new Set(Object.values(stores))].map(models => models.close()));
  await store.close();
}

/** by itself, or because it was told to */
let stopped = false;
let stopping = false;
/** of any read model, for whoever waits for one */
let news = Promise.withResolvers<void>();
function spread(): void {
  news.resolve();
  news = Promise.withResolvers();
}

const projector = new Projector(store, logId, allFamilies, {
  advanced(fed) {
    // One that is to take another's place is nobody's business yet.
    if ((served.get(fed.projection.name) ?? fed) === fed) tell({ type: 'advanced', status: statusOf(fed) });
    spread();
  },
  held(fed, { message }) {
    standings.set(fed, { ...standingOf(fed), reason: message });
    tell({ type: 'held', view: fed.projection.name, message });
  },
  parked: ({ projection }, { key, position, error }) =>
    tell({ type: 'parked', view: projection.name, key, position, message: error }),
  interrupted: ({ message }) => tell({ type: 'interrupted', message }),
  resumed: () => tell({ type: 'resumed' }),
  stopped(reason, member) {
    stopped = true;
    giveUp(reason, member?.projection.name);
    spread();
  },
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
      if (!stopping) await serve(joining);
    }),
  );
  if (!stopping) tell({ type: 'ready' });
}

async function serve(joined: Member): Promise<void> {
  const { projection, generation } = joined;
  await modelsOf(projection).serve(projection as Projection<never>, generation);
  served.set(projection.name, joined);
  tell({ type: 'advanced', status: statusOf(joined) });
}

/**
 * Takes over a generation that was built aside, once it has caught up with the one that is served. Where that fails, the
 * one before is served and fed as if nothing had been.
 */
async function adopt(name: string, generation: number): Promise<void> {
  const projection = named(name);
  // The one before stays readable for whoever looked it up a moment ago; the one before that is gone for good.
  if (generation >= 2) await modelsOf(projection).drop(projection as Projection<never>, generation - 2);
  const joining = await load(projection, generation);
  const before = served.get(name);
  try {
    await projector.add(joining);
    while (!stopped && !hasCaughtUpWith(before, joining)) await news.promise;
    if (stopped) throw new Error('the projector has stopped');
    await serve(joining);
  } catch (error) {
    projector.remove(joining);
    throw error;
  }
  if (before) projector.remove(before);
  tell({ type: 'promoted', name, generation });
}

const hasCaughtUpWith = (before: Member | undefined, { live, checkpoint }: Member): boolean =>
  live && (checkpoint?.position ?? 0) >= (before?.checkpoint?.position ?? 0);

async function build({ name, generation }: NonNullable<ProjectorTask['rebuild']>): Promise<void> {
  const projection = named(name);
  await modelsOf(projection).drop(projection as Projection<never>, generation); // what an interrupted rebuild left
  const built = await load(projection, generation);
  await catchUp(store, logId, built, { onError: 'stop', batch: REBUILD_BATCH, restful: true });
  await close();
  tell({ type: 'ready' });
}

function giveUp(error: unknown, view?: string): void {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  tell({ type: 'stopped', name, message, report: explained(error), ...(view !== undefined && { view }) });
}

if (rebuild) {
  await build(rebuild).catch(error => giveUp(error, rebuild.name));
} else {
  port.on('message', (message: ToProjector) => {
    if (message.type === 'adopt') {
      const { name, generation } = message;
      adopt(name, generation).catch((error: Error) =>
        tell({ type: 'refused', name, generation, message: error.message }),
      );
    } else {
      stopping = true;
      projector
        .stop()
        .then(close)
        // By force: a client that looks for the leader of a silent cluster goes on for minutes.
        .then(
          () => process.exit(),
          error => giveUp(error),
        );
    }
  });
  await followAll().catch(error => giveUp(error));
}
