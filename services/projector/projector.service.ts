import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ServiceSchema } from 'moleculer';
import { explained } from '../../core/errors.ts';
import type { EventStore } from '../../core/event-store/port.ts';
import type { Recorded } from '../../core/fact.ts';
import { internalAction } from '../../platform/action.ts';
import { announce } from '../../platform/joint.ts';
import { MESSAGE_BYTES, paged } from '../../platform/message-size.ts';
import { Problem } from '../../platform/problem.ts';
import type { Starting } from '../../platform/starting.ts';
import { advanced } from '../../platform/views.ts';
import type { Locations } from '../../stores/open.ts';
import type { FromProjector, ProjectorTask, ToProjector } from './messages.ts';
import { projector, type ViewStatus } from './projector.api.ts';

/** The reported progress of the views. */
const progressOf = (statuses: ReadonlyMap<string, ViewStatus>): string =>
  [...statuses.values()].map(({ name, position }) => `${name} at ${position}`).join(', ') || 'none has begun';

const NEWER = 'NewerFacts';
const THREAD = new URL('./projector.worker.ts', import.meta.url);

/** Owns the threads that feed and rebuild the read models, and announces their progress. */
export default function projectorService(parts: {
  locations: Locations;
  logId: string;
  store: EventStore;
  starting: Starting;
}): ServiceSchema {
  const statuses = new Map<string, ViewStatus>();
  const rebuilding = new Set<string>();
  /** views that the log has reported as stalled */
  const stalled = new Set<string>();
  let thread: Worker | undefined;
  /** another node feeds the read models: which, and since when (ISO 8601) */
  let standingBy: { holder: string; since: string } | undefined;
  let holder = '';
  let stopped: { name: string; message: string } | undefined;

  const start = (task: Partial<ProjectorTask> = {}) => {
    const { locations, logId } = parts;
    return new Worker(THREAD, { workerData: { locations, logId, holder, ...task } satisfies ProjectorTask });
  };
  const send = (message: ToProjector) => thread?.postMessage(message);

  /** The first message of a thread that satisfies `wanted`. @throws Error with its reason when the thread gives up */
  const heard = (from: Worker, wanted: (message: FromProjector) => boolean): Promise<FromProjector> =>
    new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        from.off('message', listen).off('error', failed).off('exit', exited);
        settle();
      };
      const listen = (message: FromProjector) => {
        if (wanted(message)) end(() => resolve(message));
        else if (message.type === 'stopped') end(() => reject(new Error(message.message)));
      };
      const failed = (error: unknown) => end(() => reject(error));
      const exited = (code: number) => end(() => reject(new Error(`the projector's thread ended with ${code}`)));
      from.on('message', listen).on('error', failed).on('exit', exited);
    });

  /** The status of a view that this node feeds. @throws Problem 409 while this node stands by, 404 */
  function fed(name: string, work: 'rebuild' | 'retire'): ViewStatus {
    if (standingBy) {
      const where = `${standingBy.holder} feeds the read models: ${work} ${name} there`;
      throw new Problem(409, 'projector-stands-by', `this node stands by; ${where}`);
    }
    const status = statuses.get(name);
    if (!status) throw new Problem(404, 'projection-not-found', `there is no projection called ${name}`);
    return status;
  }

  async function retire(name: string, version: number): Promise<void> {
    fed(name, 'retire');
    const answer = heard(
      thread!,
      message =>
        (message.type === 'retired' || message.type === 'not-retired') &&
        message.name === name &&
        message.version === version,
    );
    send({ type: 'retire', name, version });
    const outcome = await answer;
    if (outcome.type === 'not-retired') throw new Problem(409, 'not-retired', outcome.message);
  }

  async function rebuild(name: string): Promise<number> {
    const status = fed(name, 'rebuild');
    if (rebuilding.has(name)) throw new Problem(409, 'already-rebuilding', `${name} is being rebuilt`);
    rebuilding.add(name);
    try {
      const generation = status.generation + 1;
      await heard(start({ rebuild: { name, generation } }), ({ type }) => type === 'ready');
      const answer = heard(
        thread!,
        message => (message.type === 'promoted' || message.type === 'refused') && message.name === name,
      );
      send({ type: 'adopt', name, generation });
      const outcome = await answer;
      if (outcome.type === 'refused') throw new Error(outcome.message);
      return generation;
    } finally {
      rebuilding.delete(name);
    }
  }

  return {
    name: 'projector',

    actions: {
      status: internalAction(projector.status, () => ({
        stopped,
        standingBy,
        projections: [...statuses.values()],
        rebuilding: [...rebuilding],
      })),
      rebuild: internalAction(projector.rebuild, async ({ name }) => ({ generation: await rebuild(name) })),
      retire: internalAction(projector.retire, async ({ name, version }) => {
        await retire(name, version);
        return { version };
      }),
      events: internalAction(projector.events, async ({ stream, limit }) => {
        const events: Recorded[] = [];
        for await (const event of parts.store.read(stream)) events.push(event);
        return paged(events.slice(-limit).reverse(), MESSAGE_BYTES).page.reverse();
      }),
    },

    async started() {
      // Without a bus no other node feeds these read models, so a lease left by an earlier process is taken at once.
      holder = this.broker.options.transporter ? this.broker.nodeID : 'the only node';
      thread = start();
      thread.on('message', (message: FromProjector) => {
        if (message.type === 'advanced') {
          const { status } = message;
          if (stalled.has(status.name) && status.live) {
            stalled.delete(status.name);
            this.logger.warn(`the view ${status.name} is fed again`);
          }
          if (status.generation >= (statuses.get(status.name)?.generation ?? 0)) statuses.set(status.name, status);
          void announce(this.broker, advanced, { name: status.name, position: status.position });
        } else if (message.type === 'feeding') {
          if (standingBy) this.logger.warn(`the projector takes over from ${standingBy.holder}`);
          standingBy = undefined;
        } else if (message.type === 'standing-by') {
          standingBy = { holder: message.holder, since: new Date().toISOString() };
          statuses.clear();
          stalled.clear();
          this.logger.warn(`the projector stands by: ${message.holder} feeds the read models`);
        } else if (message.type === 'away') {
          this.logger.warn(`the projector cannot reach a store, and tries again: ${message.message}`);
        } else if (message.type === 'stalled') {
          stalled.add(message.view);
          this.logger.warn(`the view ${message.view} stands still: ${message.message}`);
        } else if (message.type === 'parked') {
          const { view, key, position } = message;
          this.logger.error(
            `the view ${view} skips ${key} from position ${position} on, until it is rebuilt: ${message.message}`,
          );
        } else if (message.type === 'interrupted') {
          this.logger.warn(`the event log cannot be followed, what is shown stands still: ${message.message}`);
        } else if (message.type === 'resumed') {
          this.logger.warn('the event log is followed again');
        } else if (message.type === 'stopped') {
          const { name, view, report } = message;
          stopped = { name, message: message.message };
          const cause = view === undefined ? '' : ` by the view ${view}`;
          this.logger.error(`the projector was stopped${cause}: ${report}`);
        }
      });
      thread.on('error', error => {
        stopped ??= { name: 'Error', message: String(error) };
        this.logger.error(`the projector has crashed: ${explained(error)}`);
      });
      // Newer facts stop the views, not the node, which still serves everything else.
      await parts.starting.waitFor(
        () => `the views to be built (${progressOf(statuses)})`,
        heard(
          thread,
          message =>
            message.type === 'ready' ||
            message.type === 'standing-by' ||
            (message.type === 'stopped' && message.name === NEWER),
        ),
      );
    },

    async stopped() {
      if (!thread || thread.threadId < 0) return;
      const exit = once(thread, 'exit');
      send({ type: 'stop' });
      await exit;
    },
  };
}
