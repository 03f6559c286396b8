import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { Stored } from './log.ts';
import type { Position } from './position.ts';

const { ReadResp } = streams;

export const uuid = (text: string): shared.UUID => new shared.UUID().setString(text);

export const streamIdentifier = (name: string): shared.StreamIdentifier =>
  new shared.StreamIdentifier().setStreamName(Buffer.from(name));

export function eventFrame(event: Stored): streams.ReadResp {
  const position = String(event.position);
  const recorded = new ReadResp.ReadEvent.RecordedEvent()
    .setId(uuid(event.id))
    .setStreamIdentifier(streamIdentifier(event.stream))
    .setStreamRevision(String(event.revision))
    .setPreparePosition(position)
    .setCommitPosition(position)
    .setCustomMetadata(event.metadata)
    .setData(event.data);
  const names = recorded.getMetadataMap();
  names.set('type', event.type).set('content-type', event.contentType).set('created', event.created);
  return new ReadResp().setEvent(new ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(position));
}

export const checkpointFrame = ({ commit, prepare }: Position): streams.ReadResp =>
  new ReadResp().setCheckpoint(
    new ReadResp.Checkpoint().setCommitPosition(unsigned(commit)).setPreparePosition(unsigned(prepare)),
  );

/** -1 ("before the first record") is 2^64-1 on the wire. */
const unsigned = (place: number): string => String(BigInt.asUintN(64, BigInt(place)));

export const confirmationFrame = (id: string): streams.ReadResp =>
  new ReadResp().setConfirmation(new ReadResp.SubscriptionConfirmation().setSubscriptionId(id));

export const caughtUpFrame = (): streams.ReadResp => new ReadResp().setCaughtUp(new ReadResp.CaughtUp());

export const fellBehindFrame = (): streams.ReadResp => new ReadResp().setFellBehind(new ReadResp.FellBehind());

export const notFoundFrame = (stream: string): streams.ReadResp =>
  new ReadResp().setStreamNotFound(new ReadResp.StreamNotFound().setStreamIdentifier(streamIdentifier(stream)));
