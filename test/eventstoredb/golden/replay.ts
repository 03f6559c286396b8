import assert from 'node:assert/strict';
import type { EventStoreServer } from '../start.ts';
import { areCaughtUp, atLeast, type Open, RawClient } from './calls.ts';
import { assertSame, assertSameFrames, assertSameStatus } from './compare.ts';
import { Places } from './places.ts';
import { type Call, countOf, isSubscription, type Json, requests, responses, type Step } from './recorded.ts';

/** Replays recorded steps, one after the other, against one server, and compares every answer. */
export class Replay {
  readonly places = new Places();
  readonly client: RawClient;
  /** open for the life of a client, over several steps */
  #batch: ReturnType<RawClient['batch']> | undefined;
  /** streams written by the scenario: of a read of `$all`, only their events are compared */
  #streams = new Set<string>();

  constructor(server: EventStoreServer) {
    this.client = new RawClient(server.port);
  }

  beginScenario(): void {
    this.places.beginScenario();
    this.#streams = new Set();
  }

  async step({ step, before = [], wire = [] }: Step): Promise<void> {
    for (const call of before) await this.#call(call, step);
    const live = wire.filter(isSubscription);
    const writes = wire.filter(call => !isSubscription(call));
    if (live.length === 1 && writes.length > 0) return this.#liveStep(live[0]!, writes, step);
    for (const call of wire) await this.#call(call, step);
  }

  /** These events were written while the subscriber listened. */
  async #liveStep(call: Call, writes: readonly Call[], step: string): Promise<void> {
    const open = this.client.read(requests(call)[0], place => this.places.translate(place));
    await open.until(areCaughtUp);
    for (const write of writes) await this.#call(write, step);
    await this.#finish(call, open, step);
  }

  async #call(call: Call, step: string): Promise<void> {
    if (call.rpc === 'ServerFeatures/GetSupportedMethods') return this.#features(call, step);
    if (call.rpc === 'Streams/BatchAppend') return this.#batchAppend(call, step);
    if (call.rpc === 'Streams/Append') return this.#append(call, step);
    assert.equal(call.rpc, 'Streams/Read', step);
    const open = this.client.read(requests(call)[0], place => this.places.translate(place));
    await this.#finish(call, open, step);
  }

  async #append(call: Call, step: string): Promise<void> {
    this.#streams.add(requests(call)[0].options.streamIdentifier.streamName);
    const { frames, status } = await this.client.append(requests(call));
    assertSameFrames(frames, responses(call), { anyGap: false, places: this.places }, step);
    assertSameStatus(status, call.status!, step);
  }

  /** Sends and waits in the recorded order; answers may arrive in any order, each has an id. */
  async #batchAppend(call: Call, step: string): Promise<void> {
    if (!call.continued || !this.#batch) this.#batch = this.client.batch();
    const batch = this.#batch;
    const already = batch.frames.length;
    let answered = already;
    for (const frame of call.frames) {
      if ('>' in frame) {
        this.#streams.add(frame['>'].options.streamIdentifier.streamName);
        batch.send(frame['>']);
      } else if ('<' in frame) await batch.until(atLeast(++answered));
    }
    if (call.status) return this.#cancelled(call, batch, step);
    await batch.until(atLeast(already + countOf(call)));
    await this.#roundTrip();
    const frames = batch.frames.slice(already);
    assert.equal(frames.length, countOf(call), `${step}: ${frames.length} answers`);
    const byId = new Map(frames.map(frame => [frame.correlationId.string, frame]));
    for (const recorded of responses(call).filter(frame => typeof frame !== 'number')) {
      assertSame(byId.get(recorded.correlationId.string), recorded, this.places, step);
    }
  }

  /** The client gave up on this call: no more frames may have arrived by then than were recorded. */
  async #cancelled(call: Call, open: Open, step: string): Promise<void> {
    await this.#roundTrip();
    open.cancel();
    const { frames, status } = await open.ended;
    assertSameFrames(frames, responses(call), { anyGap: false, places: this.places }, step);
    assertSameStatus(status, call.status!, step);
    this.#batch = undefined;
  }

  /** Receives the recorded frames, and allows time for surplus ones before it cancels as the client did. */
  async #finish(call: Call, open: Open, step: string): Promise<void> {
    const isWhole = requests(call)[0].options.all?.start !== undefined;
    if (isSubscription(call) && call.status!.code === 1) {
      await open.until(isWhole ? areCaughtUp : atLeast(countOf(call)));
      await this.#roundTrip();
      open.cancel();
    }
    const { frames, status } = await open.ended;
    const ours = (frame: Json): boolean =>
      typeof frame === 'number' ||
      !isWhole ||
      !frame.event ||
      this.#streams.has(frame.event.event.streamIdentifier.streamName);
    const options = { anyGap: isWhole, places: this.places };
    assertSameFrames(frames.filter(ours), responses(call).filter(ours), options, step);
    assertSameStatus(status, call.status!, step);
  }

  /** Only the served methods are named, as the real server names them. */
  async #features(call: Call, step: string): Promise<void> {
    const [recorded] = responses(call);
    const answer = await this.client.features();
    assert.equal(answer.eventStoreServerVersion, recorded.eventStoreServerVersion, step);
    const named = ({ serviceName, methodName }: Json) => `${serviceName}/${methodName}`;
    const all = new Map(recorded.methods.map((method: Json) => [named(method), method]));
    for (const method of answer.methods) assert.deepEqual(method, all.get(named(method)), step);
  }

  /** Its answer proves that all earlier frames have arrived: the server sends in order. */
  async #roundTrip(): Promise<void> {
    await this.client.features();
  }
}
