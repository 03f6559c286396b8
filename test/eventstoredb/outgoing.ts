import { once } from 'node:events';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { StreamFault } from './faults.ts';
import { notReady, Refusal } from './refusals.ts';

export type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;

/** Thrown where there is nobody left to answer, or where a fault wants the answer to stop. */
export class Ended extends Error {}

/** The answer of a Read on its way: no faster than the client takes it, and struck by at most one fault. */
export class Outgoing {
  readonly #call: ReadCall;
  readonly #fault: StreamFault | undefined;
  readonly #reset: () => void;
  readonly #sent: () => void;
  readonly #ended = new AbortController();
  #events = 0;

  /** @param sent called with each event that is on its way */
  constructor(call: ReadCall, fault: StreamFault | undefined, reset: () => void, sent: () => void) {
    this.#call = call;
    this.#fault = fault;
    this.#reset = reset;
    this.#sent = sent;
    call.on('cancelled', () => this.#ended.abort());
    call.on('close', () => this.#ended.abort());
  }

  /** aborted once nothing more can be sent */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** @throws Ended */
  async send(frame: streams.ReadResp): Promise<void> {
    if (this.ended.aborted) throw new Ended();
    if (!this.#call.write(frame)) {
      await once(this.#call, 'drain', { signal: this.ended }).catch(() => {
        throw new Ended();
      });
    }
    if (!frame.hasEvent()) return;
    this.#events++;
    this.#sent();
    await this.strike();
  }

  /** Lets the fault happen once so many events were sent. */
  async strike(): Promise<void> {
    if (!this.#fault || this.#events < (this.#fault.after ?? 0)) return;
    if (this.#fault.do === 'refuse') throw notReady();
    if (this.#fault.do === 'cut') this.#reset();
    if (this.#fault.do === 'end') this.end();
    if (this.#fault.do === 'hang') await aborted(this.ended);
    throw new Ended();
  }

  end(): void {
    this.#call.end();
    this.#ended.abort();
  }

  /** Ends with a status: that of a Refusal, or UNKNOWN for a defect of ours. */
  fail(error: unknown): void {
    if (error instanceof Ended || this.ended.aborted) return;
    this.#call.emit('error', error instanceof Refusal ? error : { code: 2, details: String(error) });
    this.#ended.abort();
  }
}

/** Resolves when the signal is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
