import type { Filter } from './filter.ts';
import { WINDOW } from './filter.ts';
import type { Log, Stored } from './log.ts';

/** One read of a subscription during catch-up. */
export interface Page {
  /** the events that were considered, whether they matched or not */
  readonly considered: readonly Stored[];
  /** where the next page begins */
  readonly next: number;
  readonly isEnd: boolean;
}

/** Reads `window` events, or fewer once it has as many matches as the real server delivers at a time. */
export function nextPage(log: Log, from: number, { matches, window }: Filter): Page {
  const events = log.everything(from, false, window);
  let found = 0;
  const full = events.findIndex(event => matches(event) && ++found === WINDOW);
  const considered = full === -1 ? events : events.slice(0, full + 1);
  const isEnd = full === -1 && events.length < window;
  return { considered, next: considered.at(-1)?.next ?? from, isEnd };
}
