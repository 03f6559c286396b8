import foods from '../data/foods.json' with { type: 'json' };
import { type Catalogue, catalogueOf } from './catalogue.ts';
import type { Food } from './food.ts';

/** The foods that ZipBob ships. */
export const baseCatalogue: Catalogue = catalogueOf(foods as unknown as readonly Food[]);
