import { calling } from '../../platform/joint.ts';
import { fridges } from '../fridges/fridges.api.ts';
import { recipes } from '../recipes/recipes.api.ts';

export const { joints, call } = calling(fridges.stock, recipes.rank, recipes.some);
