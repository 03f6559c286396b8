import { randomUUID } from 'node:crypto';
import type { CheckpointFault } from './faults.ts';
import { caughtUpFrame, checkpointFrame, confirmationFrame, eventFrame, fellBehindFrame } from './frames.ts';
import type { Stored } from './log.ts';
import type { Node } from './node.ts';
import { Ended, type Outgoing } from './outgoing.ts';
import { compare, ofEvent, type Position, START } from './position.ts';
import { invalidPosition } from './refusals.ts';
import type { Subscribe } from './requests.ts';
import { nextPage } from './window.ts';

/**
 * The real server buffers this many new events for a reader. A reader falls behind, and catches up again, when one append
 * exceeds the buffer; many small appends in a row were seen to be delivered one by one.
 */
const LIVE_BUFFER = 32;
/** events considered at a time while live */
const LIVE_PAGE = 1000;

/** Length of the longest run of events of one stream. */
function longestAppend(events: readonly Stored[]): number {
  let longest = 0;
  let length = 0;
  for (const [i, { stream }] of events.entries()) {
    length = stream === events[i - 1]?.stream ? length + 1 : 1;
    longest = Math.max(longest, length);
  }
  return longest;
}

/**
 * A subscription to `$all`: confirmation, then history, then live events. Its checkpoint frames follow the recordings of
 * a real 24.6 (golden 22, 23); the server's public source explains the pattern.
 */
export class Subscription {
  readonly #node: Node;
  readonly #request: Subscribe;
  readonly #out: Outgoing;
  readonly #fault: CheckpointFault['do'] | undefined;
  /** the last place sent, or the requested start: later events lie after it, later frames not before it */
  #sent: Position;
  /** none before the first frame, which is sent even if nothing was delivered yet */
  #lastFrame: Position | undefined;
  /** the first byte not considered yet; initially the head, from which a live subscription counts */
  #unread: number;
  readonly #head: Position;
  #newlyConsidered = 0;

  constructor(node: Node, request: Subscribe, out: Outgoing, fault: CheckpointFault['do'] | undefined) {
    this.#node = node;
    this.#request = request;
    this.#out = out;
    this.#fault = fault;
    this.#unread = node.log.end;
    this.#head = ofEvent(node.log.last);
    const { after } = request;
    this.#sent = after === 'start' ? START : after === 'end' ? this.#head : after;
  }

  /** Sends until the client disconnects. @throws Refusal, Ended */
  async run(): Promise<void> {
    await this.#out.send(confirmationFrame(randomUUID()));
    await this.#out.strike();
    // A position beyond the end is accepted in silence (golden 20).
    if (compare(this.#sent, this.#head) < 0) await this.#catchUp();
    for (;;) {
      await this.#out.send(caughtUpFrame());
      if (this.#fault === 'checkpoint-next') {
        await this.#out.send(checkpointFrame({ commit: this.#node.log.end, prepare: 0 }));
      }
      await this.#live();
      await this.#out.send(fellBehindFrame());
      await this.#checkpoint(this.#sent);
      await this.#catchUp();
    }
  }

  /** Reads window by window. A frame is due after `interval` considered events, and at the end of the log. */
  async #catchUp(): Promise<void> {
    const { log, faults } = this.#node;
    const { filter } = this.#request;
    let start = this.#sent === START ? ofEvent(0) : this.#sent;
    if (!log.isReadable(start.commit)) throw invalidPosition();
    for (let considered = 0; ; ) {
      await faults.gate();
      const page = nextPage(log, start.commit, filter);
      await this.#runAhead(page.considered);
      for (const event of page.considered) await this.#consider(event);
      if (page.isEnd) return this.#checkpoint(this.#sent);
      considered += page.considered.length;
      if (considered >= filter.interval) {
        considered %= filter.interval;
        // Without a match in this window, the frame can only name its start.
        await this.#checkpoint(compare(this.#sent, start) < 0 ? start : this.#sent);
      }
      start = { commit: page.next, prepare: 0 };
    }
  }

  /** Delivers new events until more are waiting than the real server would buffer. */
  async #live(): Promise<void> {
    const { log, faults } = this.#node;
    const { filter } = this.#request;
    for (;;) {
      await faults.gate();
      const events = log.everything(this.#unread, false, LIVE_PAGE);
      const waiting = events.filter(event => this.#isWanted(event));
      if (longestAppend(waiting) > LIVE_BUFFER) return;
      await this.#runAhead(events);
      for (const event of events) {
        await this.#consider(event);
        const here = ofEvent(event.position);
        const isDue = this.#newlyConsidered % filter.interval === 0;
        if (isDue && compare(this.#sent, here) <= 0) await this.#checkpoint(here);
      }
      if (events.length === 0) await this.#somethingWritten();
    }
  }

  async #consider(event: Stored): Promise<void> {
    // After falling behind, some events are read again, but counted once.
    if (event.position >= this.#unread) {
      this.#newlyConsidered++;
      this.#unread = event.next;
    }
    if (!this.#isWanted(event)) return;
    this.#sent = ofEvent(event.position);
    await this.#out.send(eventFrame(event));
  }

  #isWanted(event: Stored): boolean {
    return this.#request.filter.matches(event) && compare(this.#sent, ofEvent(event.position)) < 0;
  }

  /** No frame is sent twice. The first may be "before the first record" (golden 23). */
  async #checkpoint(position: Position): Promise<void> {
    this.#sent = position;
    if (this.#lastFrame && compare(position, this.#lastFrame) <= 0) return;
    this.#lastFrame = position;
    if (this.#request.filter.interval < Number.POSITIVE_INFINITY) await this.#out.send(checkpointFrame(position));
  }

  async #runAhead(events: readonly Stored[]): Promise<void> {
    const newest = events.at(-1);
    if (newest && this.#fault === 'checkpoint-ahead') await this.#out.send(checkpointFrame(ofEvent(newest.position)));
  }

  async #somethingWritten(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const forget = this.#node.writer.onWritten(resolve);
    const { ended } = this.#out;
    const wake = (): void => resolve();
    ended.addEventListener('abort', wake);
    await promise;
    ended.removeEventListener('abort', wake);
    forget();
    if (ended.aborted) throw new Ended();
  }
}
