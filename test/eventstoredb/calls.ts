import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';
import { type handleClientStreamingCall, Server, type ServerDuplexStream, type sendUnaryData } from '@grpc/grpc-js';
import { isKnown, requireLeader } from './access.ts';
import { BatchAppendCall } from './append-batch.ts';
import { appendUnary } from './append-unary.ts';
import type { CheckpointFault, StreamFault } from './faults.ts';
import { clusterInfo, supportedMethods } from './features.ts';
import type { Node } from './node.ts';
import { Outgoing, type ReadCall } from './outgoing.ts';
import { readAll, readStream } from './reading.ts';
import { accessDenied } from './refusals.ts';
import { type ReadAll, type ReadStream, readRequest, type Subscribe } from './requests.ts';
import { Subscription } from './subscribing.ts';

/** The gRPC server with the calls that our adapter makes. grpc-js answers all others UNIMPLEMENTED, by their name. */
export function grpcServer(node: Node): Server {
  const server = new Server();
  const append: handleClientStreamingCall<streams.AppendReq, streams.AppendResp> = (call, callback) => {
    appendUnary(node, call).then(answer => callback(null, answer), callback);
  };
  const batchAppend = (call: ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>): void => {
    orRefuse(call, () => void new BatchAppendCall(node, call));
  };
  const read = (call: ReadCall): void => {
    orRefuse(call, () => serveRead(node, call));
  };
  server.addService(streamsService.StreamsService, { read, append, batchAppend });
  server.addService(featuresService.ServerFeaturesService, {
    getSupportedMethods: (_: unknown, callback: sendUnaryData<unknown>) => {
      void node.faults.gate().then(() => callback(null, supportedMethods()));
    },
  });
  server.addService(gossipService.GossipService, {
    read: (_: unknown, callback: sendUnaryData<unknown>) => {
      void node.faults.gate().then(() => callback(null, clusterInfo(node)));
    },
  });
  return server;
}

/** Ends the call with a status if it cannot even begin. */
function orRefuse(call: { emit(name: 'error', refusal: unknown): boolean }, begin: () => void): void {
  try {
    begin();
  } catch (refusal) {
    call.emit('error', refusal);
  }
}

function serveRead(node: Node, call: ReadCall): void {
  if (!isKnown(node.user, call.metadata)) throw accessDenied();
  requireLeader(node, call.metadata);
  const request = readRequest(call.request);
  const isSubscription = request.kind === 'subscription';
  node.counters.add(isSubscription ? 'subscriptions' : 'reads');
  const fault = isSubscription ? node.faults.take('subscription') : node.faults.take('read');
  const early = fault && isStreamFault(fault) ? fault : undefined;
  const out = new Outgoing(
    call,
    early,
    () => node.connections.reset(call.getPeer()),
    () => node.counters.add('sent'),
  );
  const checkpoints = fault && !isStreamFault(fault) ? fault.do : undefined;
  const serving = isSubscription ? subscribe(node, request, out, checkpoints) : readOnce(node, request, out);
  serving.catch(error => out.fail(error));
}

const isStreamFault = (fault: StreamFault | CheckpointFault): fault is StreamFault =>
  fault.do !== 'checkpoint-ahead' && fault.do !== 'checkpoint-next';

async function subscribe(
  node: Node,
  request: Subscribe,
  out: Outgoing,
  fault: CheckpointFault['do'] | undefined,
): Promise<void> {
  node.subscriptions.add(out);
  try {
    await node.faults.gate();
    await new Subscription(node, request, out, fault).run();
  } finally {
    node.subscriptions.delete(out);
    node.counters.add('dropped');
  }
}

async function readOnce(node: Node, request: ReadStream | ReadAll, out: Outgoing): Promise<void> {
  await node.faults.gate();
  await out.strike();
  if (request.kind === 'stream') await readStream(node, request, out);
  else await readAll(node, request, out);
  out.end();
}
