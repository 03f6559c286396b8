import { setTimeout as delay } from 'node:timers/promises';
import type { RefuseAs } from './faults.ts';
import type { Node } from './node.ts';
import type { Append, Writer } from './writer.ts';

export type Outcome = Awaited<ReturnType<Writer['append']>>;

/** The answer to an append: an outcome with the number of times to send it, a refusal by a fault, or silence. */
export type Answer =
  | { readonly outcome: Outcome; readonly times: number }
  | { readonly refuse: RefuseAs }
  | { readonly hang: number };

/** The time after which the real server answers a unary append with a timeout. */
const WRITE_TIMEOUT_MS = 2000;

/** Carries out one append, with the next waiting fault, if any. `peer` is the connection of its call. */
export async function carryOut(node: Node, append: Append, peer: string): Promise<Answer> {
  const fault = node.faults.take('append');
  const write = async (): Promise<Outcome> => {
    const outcome = await node.writer.append(append);
    node.counters.add('written');
    return outcome;
  };
  switch (fault?.do) {
    case undefined:
      return { outcome: await write(), times: 1 };
    case 'twice':
      return { outcome: await write(), times: 2 };
    case 'late': {
      const outcome = await write();
      await delay(fault.ms);
      return { outcome, times: 1 };
    }
    case 'refuse':
      if (fault.written) await write();
      return { refuse: fault.as };
    case 'hang':
      if (fault.written) await write();
      return { hang: fault.ms ?? WRITE_TIMEOUT_MS };
    case 'cut':
      if (fault.written) await write();
      node.connections.reset(peer);
      return { hang: WRITE_TIMEOUT_MS };
  }
}
