import type shared from '@eventstore/db-client/generated/shared_pb.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { type Filter, filterOf, NO_FILTER } from './filter.ts';
import type { Proposed } from './log.ts';
import type { Position } from './position.ts';
import { MAX_APPEND_BYTES, unimplemented } from './refusals.ts';
import type { Expected } from './rules.ts';

export interface ReadStream {
  readonly kind: 'stream';
  readonly stream: string;
  readonly from: number | 'start' | 'end';
  readonly backwards: boolean;
  readonly limit: number;
}

export interface ReadAll {
  readonly kind: 'all';
  readonly from: Position | 'start' | 'end';
  readonly backwards: boolean;
  readonly limit: number;
}

export interface Subscribe {
  readonly kind: 'subscription';
  readonly after: Position | 'start' | 'end';
  readonly filter: Filter;
}

/** What a Read asks for. @throws Refusal for what the stand-in does not serve */
export function readRequest(request: streams.ReadReq): ReadStream | ReadAll | Subscribe {
  const options = request.getOptions()!;
  const isSubscription = options.hasSubscription();
  if (options.hasStream()) {
    if (isSubscription) throw unimplemented('a subscription to one stream');
    const streamOptions = options.getStream()!;
    const revision = Number(streamOptions.getRevision());
    const from = streamOptions.hasStart() ? 'start' : streamOptions.hasEnd() ? 'end' : revision;
    return { kind: 'stream', stream: streamName(streamOptions.getStreamIdentifier()), from, ...range(options) };
  }
  const from = allFrom(options.getAll()!);
  if (isSubscription) {
    const filter = options.getFilter();
    return { kind: 'subscription', after: from, filter: filter ? filterOf(filter) : NO_FILTER };
  }
  if (options.hasFilter()) throw unimplemented('a filter on a read of $all, which the client cannot ask for');
  return { kind: 'all', from, ...range(options) };
}

const range = (options: streams.ReadReq.Options) => ({
  backwards: Number(options.getReadDirection()) === 1,
  limit: Number(options.getCount()),
});

function allFrom(all: streams.ReadReq.Options.AllOptions): Position | 'start' | 'end' {
  const position = all.getPosition();
  if (!position) return all.hasStart() ? 'start' : 'end';
  return { commit: Number(position.getCommitPosition()), prepare: Number(position.getPreparePosition()) };
}

export const streamName = (identifier: shared.StreamIdentifier | undefined): string =>
  Buffer.from(identifier?.getStreamName_asU8() ?? []).toString();

/** The expectation of either append: they differ in the name of one field. */
export function expectedOf(options: streams.AppendReq.Options | streams.BatchAppendReq.Options): Expected {
  if (options.hasNoStream()) return 'no_stream';
  if (options.hasAny()) return 'any';
  if (options.hasStreamExists()) return 'stream_exists';
  return Number('getRevision' in options ? options.getRevision() : options.getStreamPosition());
}

/** @throws Error in the real server's words where it has no type */
export function proposedOf(
  message: streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage,
): Proposed {
  const names = message.getMetadataMap();
  const type = names.get('type') ?? '';
  if (type === '') throw new Error("Empty eventType provided. (Parameter 'eventType')");
  return {
    id: message.getId()!.getString(),
    type,
    contentType: names.get('content-type') ?? '',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

/** The real server counts a type's characters twice. */
export const isTooLarge = (events: readonly Proposed[]): boolean =>
  events.reduce((sum, { type, data, metadata }) => sum + 2 * type.length + data.length + metadata.length, 0) >
  MAX_APPEND_BYTES;
