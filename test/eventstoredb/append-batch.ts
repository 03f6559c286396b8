import shared from '@eventstore/db-client/generated/shared_pb.js';
import type statuses from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { isKnown } from './access.ts';
import { carryOut, type Outcome } from './appending.ts';
import type { RefuseAs } from './faults.ts';
import { streamIdentifier, uuid } from './frames.ts';
import type { Proposed } from './log.ts';
import type { Node } from './node.ts';
import { batchErrors, notLeader } from './refusals.ts';
import { expectedOf, isTooLarge, proposedOf, streamName } from './requests.ts';
import type { Expected } from './rules.ts';

const { BatchAppendResp } = streams;
type Call = ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;

/** An append whose parts are still coming: the client splits what is larger than 3 MiB. */
interface Parts {
  readonly id: string;
  readonly stream: string;
  readonly expected: Expected;
  readonly deadline: number;
  readonly events: Proposed[];
}

const ERRORS: Readonly<Record<Exclude<RefuseAs, 'not-leader'>, () => statuses.Status>> = {
  'not-ready': batchErrors.notReady,
  timeout: batchErrors.timeout,
  unknown: batchErrors.unknown,
};

/** One call of BatchAppend: open for the life of a client, each append in it told by its correlation id. */
export class BatchAppendCall {
  readonly #node: Node;
  readonly #call: Call;
  readonly #coming = new Map<string, Parts>();
  readonly #isAllowed: boolean;
  #isOver = false;

  /** @throws Refusal for a wrong password */
  constructor(node: Node, call: Call) {
    this.#node = node;
    this.#call = call;
    this.#isAllowed = isKnown(node.user, call.metadata);
    call.on('data', request => this.#take(request));
    call.on('end', () => call.end());
  }

  #take(request: streams.BatchAppendReq): void {
    const id = request.getCorrelationId()!.getString();
    const parts = this.#coming.get(id) ?? newParts(id, request.getOptions());
    // What follows an append that was refused already.
    if (!parts) return;
    this.#coming.set(id, parts);
    const refusal = this.#isAllowed ? addTo(parts, request) : batchErrors.accessDenied();
    if (refusal || request.getIsFinal()) this.#coming.delete(id);
    if (refusal) this.#refuse(parts, refusal);
    else if (request.getIsFinal()) this.#carryOut(parts).catch(error => this.#fail(error));
  }

  async #carryOut(parts: Parts): Promise<void> {
    this.#node.counters.add('appends');
    await this.#node.faults.gate();
    // Too late for the client is too late for the server.
    if (parts.deadline <= Date.now()) return this.#refuse(parts, batchErrors.timeout());
    const answer = await carryOut(this.#node, parts, this.#call.getPeer());
    if ('outcome' in answer) {
      const result = outcomeOf(answer.outcome, parts.expected);
      for (let n = 0; n < answer.times; n++) this.#tell(parts, result);
    } else if ('refuse' in answer) {
      // This one ends the whole call.
      if (answer.refuse === 'not-leader') throw notLeader(this.#node.address.host, this.#node.address.port);
      this.#refuse(parts, ERRORS[answer.refuse]());
    }
  }

  #refuse(parts: Parts, error: statuses.Status): void {
    this.#tell(parts, new BatchAppendResp().setError(error));
  }

  #tell({ id, stream }: Parts, response: streams.BatchAppendResp): void {
    if (this.#isOver || this.#call.cancelled) return;
    this.#call.write(response.setCorrelationId(uuid(id)).setStreamIdentifier(streamIdentifier(stream)));
  }

  #fail(error: unknown): void {
    if (!this.#isOver) this.#call.emit('error', error);
    this.#isOver = true;
  }
}

function newParts(id: string, options: streams.BatchAppendReq.Options | undefined): Parts | undefined {
  if (!options) return undefined;
  const deadline = options.getDeadline()?.toDate().getTime() ?? Number.POSITIVE_INFINITY;
  return { id, stream: streamName(options.getStreamIdentifier()), expected: expectedOf(options), deadline, events: [] };
}

/** Adds what the request brings. @returns why it cannot be had */
function addTo({ stream, events }: Parts, request: streams.BatchAppendReq): statuses.Status | undefined {
  try {
    events.push(...request.getProposedMessagesList().map(proposedOf));
  } catch (error) {
    return batchErrors.badRequest((error as Error).message);
  }
  if (isTooLarge(events)) return batchErrors.tooLarge();
  return request.getIsFinal() && stream === '' ? batchErrors.badRequest('eventStreamId') : undefined;
}

function outcomeOf(outcome: Outcome, expected: Expected): streams.BatchAppendResp {
  const response = new BatchAppendResp();
  if ('current' in outcome) return response.setError(batchErrors.wrongExpectedVersion(expected, outcome.current));
  const success = new BatchAppendResp.Success();
  if (outcome.revision < 0) success.setNoStream(new empty.Empty());
  else success.setCurrentRevision(String(outcome.revision));
  if (outcome.position === undefined) return response.setSuccess(success.setNoPosition(new empty.Empty()));
  const position = String(outcome.position);
  const place = new shared.AllStreamPosition().setCommitPosition(position).setPreparePosition(position);
  return response.setSuccess(success.setPosition(place));
}
