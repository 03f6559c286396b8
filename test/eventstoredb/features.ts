import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import { uuid } from './frames.ts';
import type { Address, Node } from './node.ts';

/** The recorded version, whose behaviour this program imitates. */
const VERSION = '24.6.0';

const SERVED: readonly [service: string, method: string, features: string[]][] = [
  ['event_store.client.streams.streams', 'read', ['position', 'events']],
  ['event_store.client.streams.streams', 'append', []],
  ['event_store.client.streams.streams', 'batchappend', ['deadline_duration']],
  ['event_store.client.gossip.gossip', 'read', []],
  ['event_store.client.server_features.serverfeatures', 'getsupportedmethods', []],
];

/** Answers the client's first question: the list of supported methods. It names only the served ones. */
export const supportedMethods = (): features.SupportedMethods =>
  new features.SupportedMethods()
    .setEventStoreServerVersion(VERSION)
    .setMethodsList(
      SERVED.map(([service, method, names]) =>
        new features.SupportedMethod().setServiceName(service).setMethodName(method).setFeaturesList(names),
      ),
    );

const INSTANCES = 'e5d00000-0000-4000-8000-';
const { LEADER, FOLLOWER } = gossip.MemberInfo.VNodeState;

/** Members of the cluster, for clients that look for its leader. */
export function clusterInfo({ address, leader, followers }: Node): gossip.ClusterInfo {
  const others = leader ? [leader] : followers;
  const members = [
    memberInfo(address, leader ? FOLLOWER : LEADER),
    ...others.map(other => memberInfo(other, leader ? LEADER : FOLLOWER)),
  ];
  return new gossip.ClusterInfo().setMembersList(members);
}

const memberInfo = ({ host, port }: Address, state: gossip.MemberInfo.VNodeState): gossip.MemberInfo =>
  new gossip.MemberInfo()
    .setInstanceId(uuid(INSTANCES + String(port).padStart(12, '0')))
    .setTimeStamp(String(BigInt(Date.now()) * 10_000n))
    .setState(state)
    .setIsAlive(true)
    .setHttpEndPoint(new gossip.EndPoint().setAddress(host).setPort(port));
