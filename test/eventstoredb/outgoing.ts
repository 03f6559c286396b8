import { once } from 'node:events';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { StreamFault } from './faults.ts';
import { notReady, Refusal } from './refusals.ts';

export type ReadCall = ServerWritableStream<streams.ReadReq, streams.ReadResp>;

/** Thrown when the client is gone, or when a fault ends the answer. */
export class Ended extends Error {}

/** The answer of a Read: it respects the client's back-pressure, and at most one fault applies to it. */
export class Outgoing {
  readonly #call: ReadCall;
  readonly #fault: StreamFault | undefined;
  readonly #reset: () => void;
  readonly #sent: () => void;
  readonly #ended = new AbortController();
  #events = 0;

  /** @param sent called for each event that is sent */
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

  /** Applies the fault once enough events were sent. */
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

  /** Ends with the status of a Refusal, or with UNKNOWN for any other error. */
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
