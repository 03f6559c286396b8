import { setTimeout as delay } from 'node:timers/promises';
import type { RefuseAs } from './faults.ts';
import type { Node } from './node.ts';
import type { Append, Writer } from './writer.ts';

export type Outcome = Awaited<ReturnType<Writer['append']>>;

/** What becomes of an append: an outcome to be told so many times, a refusal that only a fault gives, or silence. */
export type Answer =
  | { readonly outcome: Outcome; readonly times: number }
  | { readonly refuse: RefuseAs }
  | { readonly hang: number };

/** As long as the real server waits for itself before it tells a unary append that it timed out. */
const WRITE_TIMEOUT_MS = 2000;

/** Carries out one append, struck by a fault if one waits. The call that it came by came from `peer`. */
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
