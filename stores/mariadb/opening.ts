import { setTimeout } from 'node:timers/promises';
import { Unavailable } from '../../core/errors.ts';
import { Connections, type ConnectionsOptions } from './connections.ts';
import { Forbidden, Refuses } from './failures.ts';

/** A server that is starting answers by then. */
const STARTING_MS = 4000;
const PAUSE_MS = 250;

/**
 * Opens a store of a server, which may just be starting. After a failure nothing stays open.
 * @throws Error with a message for the operator, within ten seconds
 */
export async function opening<T>(
  url: string,
  options: ConnectionsOptions,
  open: (connections: Connections) => Promise<T>,
): Promise<T> {
  const connections = new Connections(url, options);
  try {
    await firstAnswer(connections);
    return await open(connections);
  } catch (error) {
    await connections.close();
    throw error;
  }
}

/** Whether a server answers, at once. @throws Refuses where only an operator can mend why it does not */
export async function answers(connections: Connections): Promise<boolean> {
  try {
    await connections.query('SELECT 1');
    return true;
  } catch (error) {
    if (error instanceof Unavailable && !(error instanceof Refuses)) return false;
    throw error;
  }
}

async function firstAnswer(connections: Connections): Promise<void> {
  for (const end = performance.now() + STARTING_MS; ; ) {
    try {
      await connections.query('SELECT 1');
      return;
    } catch (error) {
      if (error instanceof Forbidden) throw new Forbidden(`${error.message}: GRANT them as docs/operations.md says`);
      if (!(error instanceof Unavailable) || error instanceof Refuses) throw error;
      if (performance.now() >= end) {
        throw new Unavailable(`${error.message}: check the host and the port, and that the server runs`);
      }
    }
    await setTimeout(PAUSE_MS);
  }
}

/**
 * Tries statements that change nothing, so that a missing right is named now and not when it is needed.
 * @param needed the rights, as GRANT names them
 * @throws Forbidden
 */
export async function requireRights(
  connections: Connections,
  needed: string,
  statements: readonly string[],
): Promise<void> {
  try {
    await connections.defining(async ({ execute }) => {
      for (const statement of statements) await execute(statement);
    });
  } catch (error) {
    throw error instanceof Forbidden ? new Forbidden(`${error.message}: GRANT ${needed} on the schema to it`) : error;
  }
}
