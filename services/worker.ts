import { randomUUID } from 'node:crypto';
import { SpanKind } from '@opentelemetry/api';
import type { Logger, ServiceBroker } from 'moleculer';
import type { CommandHandler, CommandMeta } from '../core/command-handler.ts';
import { explained } from '../core/errors.ts';
import type { Family } from '../core/fact.ts';
import { createdId } from '../core/ids.ts';
import type { FamilyWork, WorkCommand } from '../core/work.ts';
import { Worker } from '../core/worker.ts';
import { contextOf, inSpan } from '../platform/tracing.ts';
import type { Views } from '../platform/views.ts';
import { type OpenWorkRow, openWork } from '../projections/open-work.ts';

const CLAIM_SECONDS = 15;
const LIMIT_MS = 60_000;
const CONCURRENCY = 4;
const LOOK_EVERY_MS = 1000;
const MOST_READY = 100;

/** One attempt at a piece of work. */
export interface Task {
  /** id of the stream's subject, without the family's name */
  readonly id: string;
  readonly claimId: string;
  /** aborts when the time of the attempt is over or the claim is lost */
  readonly signal: AbortSignal;
  /** for the command that appends the outcome */
  readonly meta: CommandMeta;
}

export interface WorkerParts<K extends string> {
  readonly work: FamilyWork<K>;
  /** its decider takes the commands of core/work.ts */
  readonly handler: Pick<CommandHandler<Family, WorkCommand, unknown>, 'handle'>;
  readonly views: Pick<Views, 'find' | 'changed'>;
  readonly broker: Pick<ServiceBroker, 'nodeID'>;
  readonly logger: Pick<Logger, 'warn' | 'error'>;
  /** the performer of each kind */
  readonly perform: { readonly [kind in K]: (task: Task) => Promise<unknown> };
}

/** Whether an event `projector.advanced` concerns work. */
export const isNewsOfWork = ({ name }: { readonly name: string }): boolean => name === openWork.name;

/** A worker for all kinds of work of a family; its service starts, wakes and stops it. */
export function workerOn<K extends string>(parts: WorkerParts<K>): Worker<OpenWorkRow> {
  const { work, handler, views, broker, logger, perform } = parts;
  const { family, kinds } = work;
  const names = Object.keys(kinds) as K[];
  const idOf = ({ stream }: OpenWorkRow) => family.idOf(stream);
  const lease = ({ kind }: OpenWorkRow, claimId: string) => ({
    ...{ kind, claimId, by: broker.nodeID, seconds: CLAIM_SECONDS },
  });

  const step = (row: OpenWorkRow, command: WorkCommand, meta: CommandMeta) =>
    handler.handle(idOf(row), command, meta, () => {});

  return new Worker<OpenWorkRow>({
    async ready() {
      const query = (kind: K) => ({
        where: { family: family.name, kind, waitMs: 0 },
        orderBy: 'openedAt' as const,
        limit: MOST_READY,
      });
      return (await Promise.all(names.map(kind => views.find(openWork, query(kind))))).flat();
    },
    changes: (after, limit) => views.changed(openWork, after, limit),
    isOurs: row => row.family === family.name && Object.hasOwn(kinds, row.kind),
    claim: (row, claimId) =>
      inSpan(`claim ${row.kind}`, spanOf(row), () => {
        const replacing = row.claimId !== undefined && { replacing: row.claimId };
        const command = { do: 'claim', ...lease(row, claimId), ...replacing } as const;
        return handler.handle(idOf(row), command, stepOf(row, claimId, 'claim'), ({ events }) =>
          events.some(({ type }) => type === 'WorkClaimed'),
        );
      }),
    renew: (row, claimId) =>
      step(row, { do: 'renew', ...lease(row, claimId) }, stepOf(row, claimId, `renew ${randomUUID()}`)),
    perform: (row, claimId, signal) =>
      inSpan(`work ${row.kind}`, spanOf(row), () =>
        perform[row.kind as K]({ id: idOf(row), claimId, signal, meta: stepOf(row, claimId, 'outcome') }),
      ),
    fail: (row, claimId, failure) =>
      inSpan(`fail ${row.kind}`, spanOf(row), () =>
        step(row, { do: 'fail', kind: row.kind, claimId, failure }, stepOf(row, claimId, 'fail')),
      ),
    report: error => logger.warn(`work on a ${family.name} failed: ${explained(error)}`),
    gaveUp: error => logger.error(`no work is done on any ${family.name} any more: ${explained(error)}`),
    concurrency: CONCURRENCY,
    leaseMs: CLAIM_SECONDS * 1000,
    limitMs: LIMIT_MS,
    lookEveryMs: LOOK_EVERY_MS,
  });
}

/** Work continues the trace of the request that opened it. */
const spanOf = ({ traceparent, attempt }: OpenWorkRow) => ({
  kind: SpanKind.CONSUMER,
  parent: contextOf(traceparent),
  attributes: { 'zipbob.attempt': attempt },
});

const stepId = (claimId: string, step: string) => createdId(`${claimId} ${step}`, 0);

/**
 * Each step of work is a command of its own: the claim is caused by the opening command, all later ones by the claim.
 */
function stepOf({ openedBy, correlationId, traceparent }: OpenWorkRow, claimId: string, step: string): CommandMeta {
  return {
    commandId: stepId(claimId, step),
    correlationId,
    causationId: step === 'claim' ? openedBy : stepId(claimId, 'claim'),
    ...(traceparent !== undefined && { traceparent }),
  };
}
