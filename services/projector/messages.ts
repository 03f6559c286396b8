import type { Locations } from '../../stores/open.ts';
import type { ViewStatus } from './projector.api.ts';

/** The parameters of the projector's thread. */
export interface ProjectorTask {
  readonly locations: Locations;
  readonly logId: string;
  /** this node's name as the holder of the projector's lease */
  readonly holder: string;
  /** build one projection beside the served one and end, instead of following all */
  readonly rebuild?: { readonly name: string; readonly generation: number };
}

/** It is stopped until an operator acts. */
export interface Stopped {
  readonly type: 'stopped';
  /** of the error */
  readonly name: string;
  readonly message: string;
  /** for the log, with its stack unless the message is enough */
  readonly report: string;
  /** the read model that caused it, if one did */
  readonly view?: string;
}

export type FromProjector =
  | { readonly type: 'ready' }
  /** this node holds the lease now */
  | { readonly type: 'feeding' }
  /** another node holds the lease, and this one waits for it */
  | { readonly type: 'standing-by'; readonly holder: string }
  /** the store of the read models is away and will be retried */
  | { readonly type: 'away'; readonly message: string }
  | { readonly type: 'advanced'; readonly status: ViewStatus }
  | { readonly type: 'promoted'; readonly name: string; readonly generation: number }
  | { readonly type: 'refused'; readonly name: string; readonly generation: number; readonly message: string }
  | { readonly type: 'stalled'; readonly view: string; readonly message: string }
  | { readonly type: 'retired'; readonly name: string; readonly version: number }
  | { readonly type: 'not-retired'; readonly name: string; readonly version: number; readonly message: string }
  | {
      readonly type: 'parked';
      readonly view: string;
      readonly key: string;
      readonly position: number;
      readonly message: string;
    }
  | { readonly type: 'interrupted'; readonly message: string }
  | { readonly type: 'resumed' }
  | Stopped;

export type ToProjector =
  | { readonly type: 'adopt'; readonly name: string; readonly generation: number }
  | { readonly type: 'retire'; readonly name: string; readonly version: number }
  | { readonly type: 'stop' };
