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

/** State shared by the handlers of the calls. */
export interface Node {
  /** only on a leader; a follower stores nothing */
  log: Log;
  writer: Writer;
  /** the leader, if it is another node */
  leader: Address | undefined;
  /** the known other nodes of the cluster */
  followers: readonly Address[];
  readonly faults: Faults;
  readonly counters: Counters;
  readonly connections: Connections;
  /** the open ones */
  readonly subscriptions: Set<Outgoing>;
  readonly user: User | undefined;
  readonly address: { readonly host: string; port: number };
}
