import type { Locations } from '../../platform/stores.ts';

/** What the projector's thread is started with. */
export interface ProjectorTask {
  readonly locations: Locations;
  readonly logId: string;
  /** build one projection beside the served one and end, instead of following all */
  readonly rebuild?: { readonly name: string; readonly generation: number };
}

export interface MemberStatus {
  readonly name: string;
  readonly version: number;
  readonly generation: number;
  readonly position: number;
  readonly parked: number;
  readonly live: boolean;
}

export type FromProjector =
  | { readonly type: 'ready' }
  | { readonly type: 'advanced'; readonly status: MemberStatus }
  | { readonly type: 'promoted'; readonly name: string; readonly generation: number }
  | { readonly type: 'refused'; readonly name: string; readonly generation: number; readonly message: string }
  | { readonly type: 'interrupted'; readonly message: string }
  | { readonly type: 'resumed' }
  | { readonly type: 'stopped'; readonly name: string; readonly message: string };

export type ToProjector =
  | { readonly type: 'adopt'; readonly name: string; readonly generation: number }
  | { readonly type: 'stop' };
