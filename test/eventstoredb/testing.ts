import { EventStoreDBClient, type JSONEventType, jsonEvent, type ResolvedEvent } from '@eventstore/db-client';
import { type EventStoreServer, type StartOptions, startEventStore } from './start.ts';

/** Runs a test with a server of its own and the real client, and removes both. */
export async function withServer(
  options: StartOptions,
  work: (server: EventStoreServer, client: EventStoreDBClient) => Promise<void>,
): Promise<void> {
  await using server = await startEventStore(options);
  const client = EventStoreDBClient.connectionString(server.url);
  try {
    await work(server, client);
  } finally {
    await client.dispose();
  }
}

export const noted = (data: JSONEventType['data'] = {}, type = 'Noted') => jsonEvent({ type, data });

/** Credentials make the client send Append instead of BatchAppend. Without TLS the server ignores them. */
export const UNARY = { credentials: { username: 'any', password: 'any' } };

/** The events themselves, in the order of the read. */
export async function events(read: AsyncIterable<ResolvedEvent>): Promise<NonNullable<ResolvedEvent['event']>[]> {
  const found: NonNullable<ResolvedEvent['event']>[] = [];
  for await (const { event } of read) if (event) found.push(event);
  return found;
}

/** The type and code of a client's error. */
export const kindOf = (error: unknown): { type?: string; code?: number } => {
  const { type, code } = error as { type?: string; code?: number };
  return { ...(type !== undefined && { type }), ...(code !== undefined && { code }) };
};
