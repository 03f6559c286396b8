import { EventStoreDBClient } from '@eventstore/db-client';
import { startGiven } from '../eventstoredb/given.ts';

// Prints the facts of a log as JSON: read-log.child.ts FOLDER [URL of the server that has it open]

const [folder = '', open] = process.argv.slice(2);
const server = open ? undefined : await startGiven(folder);
const client = EventStoreDBClient.connectionString(open ?? server!.url);
const facts: object[] = [];
for await (const { event } of client.readAll()) {
  if (!event || event.streamId.startsWith('$') || event.type.startsWith('$')) continue;
  facts.push({ stream: event.streamId, type: event.type, data: event.data, meta: event.metadata });
}
await client.dispose();
await server?.stop();
process.stdout.write(JSON.stringify(facts));
