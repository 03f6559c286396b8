import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import timestamp from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { streamIdentifier, uuid } from '../frames.ts';
import type { Json } from './recorded.ts';

/** Where a recorded position is in the log that is replayed to. */
export type Translate = (recorded: number) => number;

/** What a recorded piece of bytes was; large ones were recorded by their size only. */
function bytes(recorded: Json): Uint8Array {
  if ('utf8' in recorded) return Buffer.from(recorded.utf8);
  return 'base64' in recorded ? Buffer.from(recorded.base64, 'base64') : Buffer.alloc(recorded.bytes, 'x');
}

function proposed<T extends streams.AppendReq.ProposedMessage | streams.BatchAppendReq.ProposedMessage>(
  message: T,
  recorded: Json,
): T {
  message.setId(uuid(recorded.id.string));
  for (const [name, value] of Object.entries(recorded.metadata)) message.getMetadataMap().set(name, String(value));
  message.setCustomMetadata(bytes(recorded.customMetadata)).setData(bytes(recorded.data));
  return message;
}

export function appendRequest({ options, proposedMessage }: Json): streams.AppendReq {
  const request = new streams.AppendReq();
  if (proposedMessage) {
    return request.setProposedMessage(proposed(new streams.AppendReq.ProposedMessage(), proposedMessage));
  }
  const asked = new streams.AppendReq.Options().setStreamIdentifier(
    streamIdentifier(options.streamIdentifier.streamName),
  );
  if (options.noStream) asked.setNoStream(new shared.Empty());
  else if (options.any) asked.setAny(new shared.Empty());
  else if (options.streamExists) asked.setStreamExists(new shared.Empty());
  else asked.setRevision(options.revision);
  return request.setOptions(asked);
}

/** With a deadline of its own: the recorded one is over. */
export function batchRequest({ correlationId, options, proposedMessages = [], isFinal }: Json): streams.BatchAppendReq {
  const asked = new streams.BatchAppendReq.Options()
    .setStreamIdentifier(streamIdentifier(options.streamIdentifier.streamName))
    .setDeadline(timestamp.Timestamp.fromDate(new Date(Date.now() + 60_000)));
  if (options.noStream) asked.setNoStream(new empty.Empty());
  else if (options.any) asked.setAny(new empty.Empty());
  else if (options.streamExists) asked.setStreamExists(new empty.Empty());
  else asked.setStreamPosition(options.streamPosition);
  return new streams.BatchAppendReq()
    .setCorrelationId(uuid(correlationId.string))
    .setOptions(asked)
    .setProposedMessagesList(
      proposedMessages.map((message: Json) => proposed(new streams.BatchAppendReq.ProposedMessage(), message)),
    )
    .setIsFinal(isFinal);
}

export function readRequest({ options }: Json, translate: Translate): streams.ReadReq {
  const { Options } = streams.ReadReq;
  const asked = new Options()
    .setReadDirection(options.readDirection)
    .setResolveLinks(options.resolveLinks)
    .setUuidOption(new Options.UUIDOption().setString(new shared.Empty()));
  if (options.stream) asked.setStream(streamOptions(options.stream));
  else asked.setAll(allOptions(options.all, translate));
  if (options.subscription) asked.setSubscription(new Options.SubscriptionOptions());
  else asked.setCount(options.count);
  if (options.filter) asked.setFilter(filterOptions(options.filter));
  else asked.setNoFilter(new shared.Empty());
  return new streams.ReadReq().setOptions(asked);
}

function streamOptions(recorded: Json): streams.ReadReq.Options.StreamOptions {
  const { streamName } = recorded.streamIdentifier;
  const asked = new streams.ReadReq.Options.StreamOptions().setStreamIdentifier(streamIdentifier(streamName));
  if (recorded.start) return asked.setStart(new shared.Empty());
  return recorded.end ? asked.setEnd(new shared.Empty()) : asked.setRevision(recorded.revision);
}

function allOptions(recorded: Json, translate: Translate): streams.ReadReq.Options.AllOptions {
  const asked = new streams.ReadReq.Options.AllOptions();
  if (recorded.start) return asked.setStart(new shared.Empty());
  if (recorded.end) return asked.setEnd(new shared.Empty());
  const { commitPosition, preparePosition } = recorded.position;
  const position = new streams.ReadReq.Options.Position()
    .setCommitPosition(String(translate(Number(commitPosition))))
    .setPreparePosition(String(preparePosition === '0' ? 0 : translate(Number(preparePosition))));
  return asked.setPosition(position);
}

function filterOptions(recorded: Json): streams.ReadReq.Options.FilterOptions {
  const { FilterOptions } = streams.ReadReq.Options;
  const { regex, prefix = [] } = recorded.eventType ?? recorded.streamIdentifier;
  const expression = new FilterOptions.Expression().setRegex(regex).setPrefixList(prefix);
  const asked = new FilterOptions().setCount(new shared.Empty());
  asked.setCheckpointintervalmultiplier(recorded.checkpointintervalmultiplier);
  return recorded.eventType ? asked.setEventType(expression) : asked.setStreamIdentifier(expression);
}
