import { appending } from './broken/appending.ts';
import { following } from './broken/following.ts';
import { handles } from './broken/handles.ts';
import { living } from './broken/living.ts';
import { reading } from './broken/reading.ts';
import { resending } from './broken/resending.ts';
import type { Broken } from './broken/tools.ts';

/** Adapters that each break one rule of the port. Each proves that the contract suite checks that rule. */
export const broken: readonly Broken[] = [...appending, ...resending, ...reading, ...following, ...living, ...handles];
