import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ServerCredentials } from '@grpc/grpc-js';
import { grpcServer } from './calls.ts';
import { Connections } from './connections.ts';
import { obeyParent } from './control.ts';
import { Counters } from './counters.ts';
import { Faults } from './faults.ts';
import { Log } from './log.ts';
import type { Node, User } from './node.ts';
import { Writer } from './writer.ts';

// A TEST PART, and no database: a stand-in for EventStoreDB 24.6 on machines that have none. It speaks EventStoreDB's
// own gRPC protocol over one SQLite file. README.md describes its features and its gaps.
//
//   npx node test/eventstoredb/server.ts --db FILE [--port N] [--tls-cert FILE --tls-key FILE] [--user U --password P]
//                                        [--follows PORT]
//
// With --follows it opens the file of that leader only on the order `lead` (`control.ts`). It prints
// `listening esdb://...` when it is ready, and ends on SIGTERM.

const { values } = parseArgs({
  options: {
    db: { type: 'string' },
    port: { type: 'string', default: '2113' },
    'tls-cert': { type: 'string' },
    'tls-key': { type: 'string' },
    user: { type: 'string' },
    password: { type: 'string' },
    follows: { type: 'string' },
  },
});
if (!values.db) throw new Error('--db FILE is missing');

const log = new Log(values.follows ? ':memory:' : values.db);
const user: User | undefined = values.user ? { name: values.user, password: values.password ?? '' } : undefined;
const connections = new Connections();
const host = values['tls-cert'] ? 'localhost' : '127.0.0.1';
const node: Node = {
  log,
  writer: new Writer(log),
  faults: new Faults(),
  counters: new Counters(),
  connections,
  subscriptions: new Set(),
  user,
  address: { host, port: 0 },
  leader: values.follows ? { host, port: Number(values.follows) } : undefined,
  followers: [],
};

const server = grpcServer(node);
node.address.port = await connections.listen(server, credentials(), '127.0.0.1', Number(values.port));
process.on('SIGTERM', stop);
obeyParent(node, values.db, stop);
console.log(`listening esdb://${node.address.host}:${node.address.port}?tls=${values['tls-cert'] !== undefined}`);

function credentials(): ServerCredentials {
  const { 'tls-cert': cert, 'tls-key': key } = values;
  if (!cert || !key) return ServerCredentials.createInsecure();
  return ServerCredentials.createSsl(null, [{ cert_chain: readFileSync(cert), private_key: readFileSync(key) }]);
}

function stop(): never {
  connections.close();
  server.forceShutdown();
  node.log.close();
  process.exit(0);
}
