import { baseCatalogue } from '../../domain/base-catalogue.ts';
import { fridgeDecider } from './fridge.decider.ts';

/** The rules of a fridge that knows the foods that we ship. */
export const decider = fridgeDecider(baseCatalogue);
