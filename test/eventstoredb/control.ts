import type { Ask, ServerFault } from './faults.ts';
import { Log } from './log.ts';
import type { Node } from './node.ts';
import { notReady } from './refusals.ts';
import { Writer } from './writer.ts';

interface Message {
  readonly id: number;
  readonly ask: Ask;
}

/** Carries out the parent's orders (`faults.ts`), and ends the program when the parent is gone. */
export function obeyParent(node: Node, db: string, stop: () => void): void {
  if (!process.send) return;
  process.on('message', ({ id, ask }: Message) => {
    obey(node, db, ask).then(
      () => process.send?.({ id }),
      error => process.send?.({ id, error: String(error) }),
    );
  });
  process.on('disconnect', stop);
}

async function obey(node: Node, db: string, ask: Ask): Promise<void> {
  if (ask.do === 'until') return node.counters.until(ask.counter, ask.count);
  if (ask.do === 'clear') return node.faults.clear();
  if (ask.do === 'lead') return lead(node, db);
  if (ask.do === 'followed-by') node.followers = [{ host: node.address.host, port: ask.port }];
  else if (ask.fault.on === 'server') strikeServer(node, ask.fault);
  else node.faults.add(ask.fault);
}

/** Makes the follower take over the log of its dead leader, with an epoch of its own. */
function lead(node: Node, db: string): void {
  node.log.close();
  node.log = new Log(db);
  node.writer = new Writer(node.log);
  node.leader = undefined;
}

function strikeServer({ faults, log, connections, subscriptions }: Node, fault: ServerFault): void {
  switch (fault.do) {
    case 'hang':
      faults.hang();
      break;
    case 'reset-connections':
      connections.resetAll();
      break;
    case 'drop-subscriptions':
      for (const subscription of subscriptions) subscription.fail(notReady());
      break;
    case 'leader-change':
      faults.add({ on: 'append', do: 'refuse', as: 'not-ready', times: fault.refusals ?? 3 });
      log.beginEpoch();
      connections.resetAll();
  }
}
