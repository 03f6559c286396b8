import { setTimeout as delay } from 'node:timers/promises';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerReadableStream } from '@grpc/grpc-js';
import { isKnown, requireLeader } from './access.ts';
import { carryOut, type Outcome } from './appending.ts';
import type { Proposed } from './log.ts';
import type { Node } from './node.ts';
import { accessDenied, handlerThrew, notLeader, notReady, timedOut, tooLarge } from './refusals.ts';
import { expectedOf, isTooLarge, proposedOf, streamName } from './requests.ts';
import type { Expected } from './rules.ts';

const { AppendResp } = streams;
type Call = ServerReadableStream<streams.AppendReq, streams.AppendResp>;

/** Answers the RPC Append: the options, then the events one by one, then one answer. @throws Refusal */
export async function appendUnary(node: Node, call: Call): Promise<streams.AppendResp> {
  if (!isKnown(node.user, call.metadata)) throw accessDenied();
  requireLeader(node, call.metadata);
  const { options, events } = await received(call);
  node.counters.add('appends');
  await node.faults.gate();
  // The deadline has passed, or the client is gone.
  if (call.cancelled) throw timedOut();
  const stream = streamName(options?.getStreamIdentifier());
  if (!options || stream === '') throw handlerThrew();
  if (isTooLarge(events)) throw tooLarge();
  const expected = expectedOf(options);
  const answer = await carryOut(node, { stream, expected, events }, call.getPeer());
  if ('outcome' in answer) return outcomeOf(answer.outcome, expected);
  if ('hang' in answer) {
    await delay(answer.hang, undefined, { ref: false });
    throw timedOut();
  }
  if (answer.refuse === 'not-ready') throw notReady();
  if (answer.refuse === 'not-leader') throw notLeader(node.address.host, node.address.port);
  throw answer.refuse === 'timeout' ? timedOut() : handlerThrew();
}

async function received(call: Call): Promise<{ options: streams.AppendReq.Options | undefined; events: Proposed[] }> {
  let options: streams.AppendReq.Options | undefined;
  const messages: streams.AppendReq.ProposedMessage[] = [];
  for await (const request of call as AsyncIterable<streams.AppendReq>) {
    options ??= request.getOptions();
    const message = request.getProposedMessage();
    if (message) messages.push(message);
  }
  try {
    return { options, events: messages.map(proposedOf) };
  } catch {
    throw handlerThrew();
  }
}

function outcomeOf(outcome: Outcome, expected: Expected): streams.AppendResp {
  const response = new AppendResp();
  if ('current' in outcome) return response.setWrongExpectedVersion(wrong(expected, outcome.current));
  const success = new AppendResp.Success();
  if (outcome.revision < 0) success.setNoStream(new shared.Empty());
  else success.setCurrentRevision(String(outcome.revision));
  const { position } = outcome;
  if (position === undefined) success.setNoPosition(new shared.Empty());
  else success.setPosition(appendPosition(String(position)));
  return response.setSuccess(success);
}

const appendPosition = (position: string): streams.AppendResp.Position =>
  new AppendResp.Position().setCommitPosition(position).setPreparePosition(position);

function wrong(expected: Expected, current: number): streams.AppendResp.WrongExpectedVersion {
  const detail = new AppendResp.WrongExpectedVersion();
  if (current < 0) detail.setCurrentNoStream(new shared.Empty());
  else detail.setCurrentRevision(String(current));
  if (expected === 'no_stream') return detail.setExpectedNoStream(new shared.Empty());
  if (expected === 'stream_exists') return detail.setExpectedStreamExists(new shared.Empty());
  if (expected === 'any') return detail.setExpectedAny(new shared.Empty());
  return detail.setExpectedRevision(String(expected));
}
