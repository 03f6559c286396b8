import type { User } from './access.ts';
import type { Connections } from './connections.ts';
import type { Counters } from './counters.ts';
import type { Faults } from './faults.ts';
import type { Log } from './log.ts';
import type { Outgoing } from './outgoing.ts';
import type { Writer } from './writer.ts';

/** What the handlers of the calls share. */
export interface Node {
  readonly log: Log;
  readonly writer: Writer;
  readonly faults: Faults;
  readonly counters: Counters;
  readonly connections: Connections;
  /** those that are open */
  readonly subscriptions: Set<Outgoing>;
  readonly user: User | undefined;
  readonly address: { readonly host: string; port: number };
}
