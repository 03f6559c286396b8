import { type Clock, type CommandHandler, commandHandler } from '../core/command-handler.ts';
import type { Decider } from '../core/decider.ts';
import type { EventStore } from '../core/event-store/port.ts';
import type { EventOf, Family } from '../core/fact.ts';
import type { KeyValue } from '../core/key-value/port.ts';
import type { KeyStore } from '../core/keys/port.ts';
import type { Catalogue } from '../domain/catalogue.ts';
import type { Views } from './views.ts';

/** The stores and clock that a node is built on. Only `moleculer.config.ts` and `stores/` know which adapters they are. */
export interface Parts {
  readonly store: EventStore;
  readonly keys: KeyStore;
  readonly keyValue: KeyValue;
  readonly views: Views;
  readonly logId: string;
  readonly clock: Clock;
  readonly handler: MakeHandler;
  /** the foods that all fridges know, and that public recipes are parsed with */
  readonly catalogue: Catalogue;
}

/** Makes the command handler of a family. Concerns of all commands of all families belong here. */
export type MakeHandler = <F extends Family, C, S>(
  family: F,
  decider: Decider<C, EventOf<F>, S>,
) => CommandHandler<F, C, S>;

export const handlersOn =
  (store: EventStore, clock: Clock): MakeHandler =>
  (family, decider) =>
    commandHandler(store, family, decider, clock);
