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
  const message = new streams.AppendReq.Options().setStreamIdentifier(
    streamIdentifier(options.streamIdentifier.streamName),
  );
  if (options.noStream) message.setNoStream(new shared.Empty());
  else if (options.any) message.setAny(new shared.Empty());
  else if (options.streamExists) message.setStreamExists(new shared.Empty());
  else message.setRevision(options.revision);
  return request.setOptions(message);
}

/** With a deadline of its own: the recorded one is over. */
export function batchRequest({ correlationId, options, proposedMessages = [], isFinal }: Json): streams.BatchAppendReq {
  const message = new streams.BatchAppendReq.Options()
    .setStreamIdentifier(streamIdentifier(options.streamIdentifier.streamName))
    .setDeadline(timestamp.Timestamp.fromDate(new Date(Date.now() + 60_000)));
  if (options.noStream) message.setNoStream(new empty.Empty());
  else if (options.any) message.setAny(new empty.Empty());
  else if (options.streamExists) message.setStreamExists(new empty.Empty());
  else message.setStreamPosition(options.streamPosition);
  return new streams.BatchAppendReq()
    .setCorrelationId(uuid(correlationId.string))
    .setOptions(message)
    .setProposedMessagesList(
      proposedMessages.map((message: Json) => proposed(new streams.BatchAppendReq.ProposedMessage(), message)),
    )
    .setIsFinal(isFinal);
}

export function readRequest({ options }: Json, translate: Translate): streams.ReadReq {
  const { Options } = streams.ReadReq;
  const message = new Options()
    .setReadDirection(options.readDirection)
    .setResolveLinks(options.resolveLinks)
    .setUuidOption(new Options.UUIDOption().setString(new shared.Empty()));
  if (options.stream) message.setStream(streamOptions(options.stream));
  else message.setAll(allOptions(options.all, translate));
  if (options.subscription) message.setSubscription(new Options.SubscriptionOptions());
  else message.setCount(options.count);
  if (options.filter) message.setFilter(filterOptions(options.filter));
  else message.setNoFilter(new shared.Empty());
  return new streams.ReadReq().setOptions(message);
}

function streamOptions(recorded: Json): streams.ReadReq.Options.StreamOptions {
  const { streamName } = recorded.streamIdentifier;
  const message = new streams.ReadReq.Options.StreamOptions().setStreamIdentifier(streamIdentifier(streamName));
  if (recorded.start) return message.setStart(new shared.Empty());
  return recorded.end ? message.setEnd(new shared.Empty()) : message.setRevision(recorded.revision);
}

function allOptions(recorded: Json, translate: Translate): streams.ReadReq.Options.AllOptions {
  const message = new streams.ReadReq.Options.AllOptions();
  if (recorded.start) return message.setStart(new shared.Empty());
  if (recorded.end) return message.setEnd(new shared.Empty());
  const { commitPosition, preparePosition } = recorded.position;
  const position = new streams.ReadReq.Options.Position()
    .setCommitPosition(String(translate(Number(commitPosition))))
    .setPreparePosition(String(preparePosition === '0' ? 0 : translate(Number(preparePosition))));
  return message.setPosition(position);
}

function filterOptions(recorded: Json): streams.ReadReq.Options.FilterOptions {
  const { FilterOptions } = streams.ReadReq.Options;
  const { regex, prefix = [] } = recorded.eventType ?? recorded.streamIdentifier;
  const expression = new FilterOptions.Expression().setRegex(regex).setPrefixList(prefix);
  const message = new FilterOptions().setCount(new shared.Empty());
  message.setCheckpointintervalmultiplier(recorded.checkpointintervalmultiplier);
  return recorded.eventType ? message.setEventType(expression) : message.setStreamIdentifier(expression);
}
