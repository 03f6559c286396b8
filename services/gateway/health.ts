import type { ServiceBroker } from 'moleculer';
import type { Parts } from '../../platform/parts.ts';
import type { Views } from '../../platform/views.ts';
import { unserved } from '../index.ts';
import { projector } from '../projector/projector.api.ts';
import { recommendations } from '../recommendations/recommendations.api.ts';
import { call } from './gateway.calls.ts';

/** Lifetime of a probe's entry in the session store. */
const PROBE_SECONDS = 60;

type Check = 'ok' | 'unavailable' | 'stopped' | 'newer-facts';

/**
 * Whether everything that a request needs is available, part by part; `unserved` lists actions that no node serves. The
 * reasons are only in the log.
 */
export async function readiness(
  { store, keys, keyValue, views }: Parts,
  broker: ServiceBroker,
): Promise<{ ready: boolean; checks: Record<string, Check>; unserved?: string[] }> {
  const checks = {
    log: await answers(() => store.ready()),
    keys: await answers(() => keys.keyFor('')),
    sessions: await answers(() => keyValue.add('readiness', 1, PROBE_SECONDS)),
    views: await viewsOf(broker, views),
    work: await workOf(broker),
  };
  const missing = unserved(broker);
  const ready = missing.length === 0 && Object.values(checks).every(check => check === 'ok');
  return { ready, checks, ...(missing.length > 0 && { unserved: missing }) };
}

const answers = (ask: () => Promise<unknown>): Promise<Check> =>
  ask().then(
    () => 'ok',
    () => 'unavailable',
  );

async function workOf(broker: ServiceBroker): Promise<Check> {
  const status = await call(broker, recommendations.status, {}).catch(() => undefined);
  if (!status) return 'unavailable';
  return status.isWorking ? 'ok' : 'stopped';
}

async function viewsOf(broker: ServiceBroker, views: Views): Promise<Check> {
  const status = await call(broker, projector.status, {}).catch(() => undefined);
  if (!status) return 'unavailable';
  if (status.stopped) return status.stopped.name === 'NewerFacts' ? 'newer-facts' : 'stopped';
  return status.projections.every(({ live }) => live) ? await answers(() => views.ready()) : 'unavailable';
}
