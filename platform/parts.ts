import type { Clock } from '../core/command-handler.ts';
import type { EventStore } from '../core/event-store/port.ts';
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
  /** the foods that all fridges know, and that public recipes are read with */
  readonly catalogue: Catalogue;
}
