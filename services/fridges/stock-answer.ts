import type { Batch } from '../../domain/larder.ts';

/** What `fridges.stock` answers other services: what is there, and the day it is in that kitchen. */
export interface Stock {
  /** of the fridge */
  readonly revision: number;
  readonly today: string;
  readonly dueSoonDays: number;
  readonly batches: readonly (Batch & { readonly name: string; readonly unit: string; readonly perUnit: number })[];
}
