import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { EPOCHS, type Stored } from './log.ts';

export interface Filter {
  readonly matches: (event: Stored) => boolean;
  /** considered events in a read, at most */
  readonly window: number;
  /** considered events between two checkpoint frames; none without a filter */
  readonly interval: number;
}

/** The real server reads this many events at a time, and counts the checkpoint interval in such windows (golden 22). */
export const WINDOW = 32;

const isVisible = ({ stream }: Stored): boolean => stream !== EPOCHS;

export const NO_FILTER: Filter = { matches: isVisible, window: WINDOW, interval: Number.POSITIVE_INFINITY };

/** A prefix "Want" also matches "Wanted"; a regex need not match from the start (golden 21). */
export function filterOf(options: streams.ReadReq.Options.FilterOptions): Filter {
  const onStream = options.hasStreamIdentifier();
  const expression = onStream ? options.getStreamIdentifier()! : options.getEventType()!;
  const regex = expression.getRegex() === '' ? undefined : new RegExp(expression.getRegex());
  const prefixes = expression.getPrefixList();
  const window = options.hasMax() ? options.getMax() : WINDOW;
  return {
    matches: event => {
      const text = onStream ? event.stream : event.type;
      return isVisible(event) && (regex ? regex.test(text) : prefixes.some(prefix => text.startsWith(prefix)));
    },
    window,
    interval: window * options.getCheckpointintervalmultiplier(),
  };
}
