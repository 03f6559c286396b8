import { once } from 'node:events';
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { credentials, type ServiceError, type StatusObject } from '@grpc/grpc-js';
import { decoded } from './decoded.ts';
import { appendRequest, batchRequest, readRequest, type Translate } from './messages.ts';
import type { Json, Status } from './recorded.ts';

export interface Answered {
  readonly frames: Json[];
  readonly status: Omit<Status, 'name'>;
}

/** A call with a stream of responses. */
export interface Open {
  readonly frames: Json[];
  /** Resolves once the responses are as wanted, or the call has ended, or a limit has passed; the comparison decides. */
  until(wanted: (frames: readonly Json[]) => boolean): Promise<void>;
  cancel(): void;
  readonly ended: Promise<Answered>;
}

/** A sound server needs some milliseconds. */
const GIVE_UP_MS = 3000;

const shownStatus = ({ code, details, metadata }: StatusObject | ServiceError): Omit<Status, 'name'> => ({
  code,
  details,
  trailers: Object.fromEntries(Object.entries(metadata.getMap()).map(([name, value]) => [name, String(value)])),
});

export const atLeast =
  (count: number) =>
  (frames: readonly Json[]): boolean =>
    frames.length >= count;

export const areCaughtUp = (frames: readonly Json[]): boolean => frames.some(frame => frame.caughtUp);

/** Recorded requests as gRPC calls, without the client that made them. */
export class RawClient {
  readonly #streams: InstanceType<typeof streamsService.StreamsClient>;
  readonly #features: InstanceType<typeof featuresService.ServerFeaturesClient>;

  constructor(port: number) {
    const insecure = credentials.createInsecure();
    this.#streams = new streamsService.StreamsClient(`127.0.0.1:${port}`, insecure);
    this.#features = new featuresService.ServerFeaturesClient(`127.0.0.1:${port}`, insecure);
  }

  features(): Promise<Json> {
    return new Promise((resolve, reject) => {
      this.#features.getSupportedMethods(new shared.Empty(), (error, answer) =>
        error ? reject(error) : resolve(decoded(answer)),
      );
    });
  }

  append(requests: readonly Json[]): Promise<Answered> {
    return new Promise(resolve => {
      const frames: Json[] = [];
      const call = this.#streams.append((_, answer) => answer && frames.push(decoded(answer)));
      call.on('status', status => resolve({ frames, status: shownStatus(status) }));
      for (const request of requests) call.write(appendRequest(request));
      call.end();
    });
  }

  read(request: Json, translate: Translate): Open {
    return opened(this.#streams.read(readRequest(request, translate)));
  }

  batch(): Open & { send(request: Json): void } {
    const call = this.#streams.batchAppend();
    return { ...opened(call), send: request => call.write(batchRequest(request)) };
  }

  close(): void {
    this.#streams.close();
    this.#features.close();
  }
}

interface Incoming extends NodeJS.EventEmitter {
  cancel(): void;
}

function opened(call: Incoming): Open {
  const frames: Json[] = [];
  let isOver = false;
  const ended = new Promise<Answered>(resolve => {
    call.on('data', message => frames.push(decoded(message)));
    // The status carries the error; without a listener the event would end the process.
    call.on('error', () => {});
    call.on('status', (status: StatusObject) => {
      isOver = true;
      resolve({ frames, status: shownStatus(status) });
    });
  });
  return {
    frames,
    ended,
    cancel: () => call.cancel(),
    async until(wanted) {
      const signal = AbortSignal.timeout(GIVE_UP_MS);
      while (!wanted(frames) && !isOver && !signal.aborted) {
        await Promise.race([once(call, 'data', { signal }), ended]).catch(() => {});
      }
    },
  };
}
