import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import { uuid } from './frames.ts';

/** The version that was recorded, since it is its behaviour that this program has. */
const VERSION = '24.6.0';

const SERVED: readonly [service: string, method: string, features: string[]][] = [
  ['event_store.client.streams.streams', 'read', ['position', 'events']],
  ['event_store.client.streams.streams', 'append', []],
  ['event_store.client.streams.streams', 'batchappend', ['deadline_duration']],
  ['event_store.client.gossip.gossip', 'read', []],
  ['event_store.client.server_features.serverfeatures', 'getsupportedmethods', []],
];

/** What the client asks before its first append. Only what is served is named. */
export const supportedMethods = (): features.SupportedMethods =>
  new features.SupportedMethods()
    .setEventStoreServerVersion(VERSION)
    .setMethodsList(
      SERVED.map(([service, method, names]) =>
        new features.SupportedMethod().setServiceName(service).setMethodName(method).setFeaturesList(names),
      ),
    );

const INSTANCE = 'e5d00000-0000-4000-8000-000000000001';

/** A cluster of one, for clients that discover their node (`esdb+discover://`). */
export function clusterInfo(host: string, port: number): gossip.ClusterInfo {
  const member = new gossip.MemberInfo()
    .setInstanceId(uuid(INSTANCE))
    .setTimeStamp(String(BigInt(Date.now()) * 10_000n))
    .setState(gossip.MemberInfo.VNodeState.LEADER)
    .setIsAlive(true)
    .setHttpEndPoint(new gossip.EndPoint().setAddress(host).setPort(port));
  return new gossip.ClusterInfo().setMembersList([member]);
}
