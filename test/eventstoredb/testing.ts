import { EventStoreDBClient, type JSONEventType, jsonEvent, type ResolvedEvent } from '@eventstore/db-client';
import { type EventStoreServer, type StartOptions, startEventStore } from './start.ts';

/** What a test does with a server of its own and the real client. Nothing of either is left behind. */
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

/** Named so that the client sends Append instead of BatchAppend. Without TLS nobody looks at them. */
export const UNARY = { credentials: { username: 'any', password: 'any' } };

/** The events themselves, in the order of the read. */
export async function events(read: AsyncIterable<ResolvedEvent>): Promise<NonNullable<ResolvedEvent['event']>[]> {
  const found: NonNullable<ResolvedEvent['event']>[] = [];
  for await (const { event } of read) if (event) found.push(event);
  return found;
}

/** Of an error of the client's, what tells it from others. */
export const shapeOf = (error: unknown): { type?: string; code?: number } => {
  const { type, code } = error as { type?: string; code?: number };
  return { ...(type !== undefined && { type }), ...(code !== undefined && { code }) };
};
