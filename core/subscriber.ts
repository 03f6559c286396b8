import type { EventStore } from './event-store/port.ts';
import { familyOf, type Recorded } from './fact.ts';
import { continues } from './log-identity.ts';
import { asFarAsItGoes, type Projection } from './projection.ts';
import type { Change, Checkpoint, Parked, ReadModel, ReadModels, Stored } from './read-model/port.ts';
import { rowCheck } from './row.ts';

/** One generation of one projection, with its feeding state. */
export interface Subscriber {
  readonly projection: Projection;
  readonly generation: number;
  readonly model: ReadModel<Record<string, unknown>>;
  checkpoint: Checkpoint | undefined;
  readonly parked: Map<string, Parked>;
  /** false while its store is away or it catches up by its own reads */
  live: boolean;
}

/**
 * Thrown by `advance` if another projector feeds the same read model. Nothing is lost: `look`, then catch up from
 * there.
 */
export class Fenced extends Error {
  override readonly name = 'Fenced';
}

/**
 * Builds a generation if it is missing, opens it and reads its checkpoint. A generation of another log is dropped and
 * starts empty. @throws LogBehindViews
 */
export async function openSubscriber(
  store: EventStore,
  models: ReadModels,
  logId: string,
  projection: Projection,
  generation: number,
): Promise<Subscriber> {
  await models.build(projection, generation);
  let model = await models.generation(projection, generation);
  const checkpoint = await model.checkpoint();
  if (checkpoint && !(await continues(store, logId, checkpoint))) {
    await models.drop(projection, generation);
    await models.build(projection, generation);
    model = await models.generation(projection, generation);
  }
  const loaded = { projection, generation, model, checkpoint, parked: new Map(), live: false };
  await look(loaded);
  return loaded;
}

/** Rereads the checkpoint from the store: a commit without an answer may have been written. */
export async function look(subscriber: Subscriber): Promise<void> {
  subscriber.checkpoint = await subscriber.model.checkpoint();
  subscriber.parked.clear();
  for (const entry of await subscriber.model.parked()) subscriber.parked.set(entry.key, entry);
}

export interface AdvanceOptions {
  /** a rebuild stops at the first fold that throws or makes an invalid row; a live projector parks its key */
  onError: 'park' | 'stop';
  /** called for each newly parked key, once that is stored */
  onParked?: (entry: Parked) => void;
}

/**
 * Applies one batch to one read model: its rows are loaded once, folded in memory and written once each. Facts that a
 * row already contains are skipped, so any batch may be repeated. If a fact's keys cannot be computed, everything
 * before it is applied and the error is rethrown.
 * @throws Fenced, Unavailable
 */
export async function advance(
  subscriber: Subscriber,
  log: string,
  events: readonly Recorded[],
  upTo: number,
  { onError, onParked }: AdvanceOptions,
): Promise<void> {
  const { projection, model, checkpoint } = subscriber;
  const after = checkpoint?.position ?? 0;
  if (upTo < after) return; // a repeated old batch
  const families = new Set(projection.families.map(({ name }) => name));
  const concerns = ({ position, stream }: Recorded) => position > after && families.has(familyOf(stream));
  const { taken, end, failure } = asFarAsItGoes(events, upTo, event => {
    const keys = concerns(event) ? projection.keys(event) : [];
    return keys.length > 1 ? [...new Set(keys)] : keys;
  });
  if (failure && end <= after) throw failure.reason;
  const touched = taken.flatMap((keys, i) => keys.map(key => ({ key, event: events[i]! })));
  const rows = new Map<string, Stored<Record<string, unknown>>>(
    touched.length > 0 ? await model.load([...new Set(touched.map(({ key }) => key))]) : [],
  );
  const changed = new Set<string>();
  const parked = new Map<string, Parked>();
  const check = rowCheck(projection.columns);
  for (const { key, event } of touched) {
    const known = parked.get(key) ?? subscriber.parked.get(key);
    if (known) {
      if (event.position > known.position) parked.set(key, { ...known, skipped: known.skipped + 1 });
      continue;
    }
    const before = rows.get(key);
    if (before && before.position >= event.position) continue;
    try {
      const row = projection.fold(before?.row, event, key);
      if (row === undefined && before === undefined) continue;
      if (row) check(row, before?.row);
      rows.set(key, { row, position: event.position });
      changed.add(key);
    } catch (error) {
      if (onError === 'stop') throw error;
      parked.set(key, { key, position: event.position, error: String(error), skipped: 0 });
    }
  }
  const changes: Change<Record<string, unknown>>[] = [...changed].map(key => ({ key, ...rows.get(key)! }));
  const next = checkpointAt(log, end, events[taken.length - 1], checkpoint);
  const outcome = await model.commit(changes, [...parked.values()], checkpoint, next);
  if (outcome === 'fenced') throw new Fenced(`${projection.name} is fed by another process`);
  for (const entry of parked.values()) {
    if (!subscriber.parked.has(entry.key)) onParked?.(entry);
    subscriber.parked.set(entry.key, entry);
  }
  subscriber.checkpoint = next;
  if (failure) throw failure.reason;
}

function checkpointAt(log: string, position: number, newest: Recorded | undefined, before: Checkpoint | undefined) {
  const last = newest ? { stream: newest.stream, revision: newest.revision, id: newest.id } : before?.last;
  return { log, position, ...(last && { last }) };
}
