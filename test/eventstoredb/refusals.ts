import shared from '@eventstore/db-client/generated/shared_pb.js';
import statuses from '@eventstore/db-client/generated/status_pb.js';
import { Metadata, status } from '@grpc/grpc-js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { Expected } from './rules.ts';

/** The end of a call with a status other than OK. The client builds its errors from the trailers. */
export class Refusal extends Error {
  readonly code: status;
  readonly details: string;
  readonly metadata = new Metadata();

  constructor(code: status, details: string, trailers: Readonly<Record<string, string>> = {}) {
    super(details);
    this.code = code;
    this.details = details;
    for (const [name, value] of Object.entries(trailers)) this.metadata.set(name, value);
  }
}

/** golden 8: for the whole append */
export const MAX_APPEND_BYTES = 1024 * 1024;

export const unimplemented = (what: string): Refusal =>
  new Refusal(status.UNIMPLEMENTED, `the stand-in does not serve ${what}`);

export const notReady = (): Refusal => new Refusal(status.UNAVAILABLE, 'Server Is Not Ready');
export const timedOut = (): Refusal => new Refusal(status.ABORTED, 'Operation timed out: Request canceled by server');
export const invalidPosition = (): Refusal =>
  new Refusal(status.INVALID_ARGUMENT, 'Trying to read from an invalid position.');
export const handlerThrew = (): Refusal => new Refusal(status.UNKNOWN, 'Exception was thrown by handler.');
/** golden 13: code 16 for a wrong password, 7 for none */
export const wrongPassword = (): Refusal => new Refusal(status.UNAUTHENTICATED, 'Received HTTP status code 401');
export const accessDenied = (): Refusal =>
  new Refusal(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
export const tooLarge = (): Refusal =>
  new Refusal(status.INVALID_ARGUMENT, `Maximum Append Size of ${MAX_APPEND_BYTES} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(MAX_APPEND_BYTES),
  });
/** golden 14 */
export const notLeader = (host: string, port: number): Refusal =>
  new Refusal(status.NOT_FOUND, `Leader info available: ${host}:${port}`, {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });

/** The refusals inside an answer of BatchAppend: a `google.rpc.Status` with a message of the server's own. */
export const batchErrors = {
  wrongExpectedVersion(expected: Expected, current: number): statuses.Status {
    const detail = new shared.WrongExpectedVersion();
    if (current < 0) detail.setCurrentNoStream(new empty.Empty());
    else detail.setCurrentStreamRevision(String(current));
    if (expected === 'no_stream') detail.setExpectedNoStream(new empty.Empty());
    else if (expected === 'stream_exists') detail.setExpectedStreamExists(new empty.Empty());
    else if (expected === 'any') detail.setExpectedAny(new empty.Empty());
    else detail.setExpectedStreamPosition(String(expected));
    return pack(status.ALREADY_EXISTS, 'WrongExpectedVersion', detail);
  },
  tooLarge: (): statuses.Status =>
    pack(
      status.INVALID_ARGUMENT,
      'MaximumAppendSizeExceeded',
      new shared.MaximumAppendSizeExceeded().setMaxappendsize(MAX_APPEND_BYTES),
    ),
  badRequest: (message: string): statuses.Status =>
    pack(status.INVALID_ARGUMENT, 'BadRequest', new shared.BadRequest().setMessage(message)),
  accessDenied: (): statuses.Status => pack(status.PERMISSION_DENIED, 'AccessDenied', new shared.AccessDenied()),
  timeout: (): statuses.Status => pack(status.DEADLINE_EXCEEDED, 'Timeout', new shared.Timeout()),
  unknown: (): statuses.Status => pack(status.UNKNOWN, 'Unknown', new shared.Unknown()),
  /** golden 11: it has no further details, so the client cannot recognise it */
  notReady: (): statuses.Status => pack(status.OK, 'Server Is Not Ready', new empty.Empty(), 'google.protobuf.Empty'),
};

function pack(
  code: status,
  message: string,
  detail: { serializeBinary(): Uint8Array },
  name = `event_store.client.${message}`,
): statuses.Status {
  const details = new any.Any();
  details.pack(detail.serializeBinary(), name);
  return new statuses.Status().setCode(Number(code)).setMessage(message).setDetails(details);
}
