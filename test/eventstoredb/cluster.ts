import { rmSync } from 'node:fs';
import { scratchFolder } from '../support/programs.ts';
import { type EventStoreServer, startEventStore } from './start.ts';

export interface Cluster {
  /** names both nodes */
  readonly url: string;
  readonly leader: EventStoreServer;
  readonly follower: EventStoreServer;
  /** Kills the leader and makes the follower lead, then restarts the killed node as a follower. */
  changeLeader(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A leader and a follower. The follower knows the leader, and stores nothing itself. */
export async function startCluster(): Promise<Cluster> {
  const folder = scratchFolder();
  let leader = await startEventStore({ folder });
  let follower = await startEventStore({ folder, follows: leader });
  return {
    url: `esdb://127.0.0.1:${leader.port},127.0.0.1:${follower.port}?tls=false`,
    get leader() {
      return leader;
    },
    get follower() {
      return follower;
    },
    async changeLeader() {
      const { port } = leader;
      await leader.kill();
      await follower.lead();
      leader = follower;
      follower = await startEventStore({ folder, port, follows: leader });
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([leader.stop(), follower.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
