import type { Connections } from './connections.ts';
import type { Counters } from './counters.ts';
import type { Faults } from './faults.ts';
import type { Log } from './log.ts';
import type { Outgoing } from './outgoing.ts';
import type { Writer } from './writer.ts';

export interface User {
  readonly name: string;
  readonly password: string;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What the handlers of the calls share. */
export interface Node {
  /** of a node that leads; a follower holds nothing */
  log: Log;
  writer: Writer;
  /** who leads, where it is not this node */
  leader: Address | undefined;
  /** the others of its cluster, as it knows them */
  followers: readonly Address[];
  readonly faults: Faults;
  readonly counters: Counters;
  readonly connections: Connections;
  /** those that are open */
  readonly subscriptions: Set<Outgoing>;
  readonly user: User | undefined;
  readonly address: { readonly host: string; port: number };
}
