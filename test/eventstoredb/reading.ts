import { status } from '@grpc/grpc-js';
import { NO_FILTER } from './filter.ts';
import { eventFrame, notFoundFrame } from './frames.ts';
import type { Stored } from './log.ts';
import type { Node } from './node.ts';
import type { Outgoing } from './outgoing.ts';
import { Refusal } from './refusals.ts';
import type { ReadAll, ReadStream } from './requests.ts';

const PAGE = 100;

/** Answers a read of one stream with its visible events, or with "not found". */
export async function readStream({ log }: Node, request: ReadStream, out: Outgoing): Promise<void> {
  const { stream, backwards, limit } = request;
  const newest = log.lastRevision(stream);
  const first = log.firstLive(stream);
  if (newest < 0 || first === 'deleted') return out.send(notFoundFrame(stream));
  // Golden 18: an error, not an empty answer.
  if (request.from === 'end' && !backwards) throw new Refusal(status.UNKNOWN, 'Unexpected ReadStreamResult: Error');
  const from = request.from === 'start' ? 0 : request.from === 'end' ? newest : request.from;
  const start = backwards ? from : Math.max(from, first);
  await sendPages(
    out,
    limit,
    start,
    ({ revision }) => revision + (backwards ? -1 : 1),
    (at, count) => log.stream(stream, at, backwards, count).filter(({ revision }) => revision >= first),
  );
}

/** Answers a read of `$all`. Positions are starts of events, so `from` is included forwards but not backwards. */
export async function readAll({ log }: Node, request: ReadAll, out: Outgoing): Promise<void> {
  const { backwards, limit } = request;
  const edge = request.from === 'start' ? 0 : request.from === 'end' ? log.end : request.from.commit;
  // Golden 20: a position in the middle of a record is refused, one beyond the end is accepted in silence.
  if (!log.isReadable(edge)) throw new Refusal(status.UNKNOWN, 'Unexpected ReadAllResult: InvalidPosition');
  await sendPages(
    out,
    limit,
    edge,
    ({ position, next }) => (backwards ? position : next),
    (at, count) => log.everything(at, backwards, count),
  );
}

async function sendPages(
  out: Outgoing,
  limit: number,
  start: number,
  after: (event: Stored) => number,
  page: (at: number, count: number) => Stored[],
): Promise<void> {
  let left = limit;
  for (let at = start; left > 0; ) {
    const events = page(at, Math.min(PAGE, left));
    for (const event of events.filter(NO_FILTER.matches)) {
      await out.send(eventFrame(event));
      left--;
    }
    if (events.length === 0) return;
    at = after(events.at(-1)!);
  }
}
