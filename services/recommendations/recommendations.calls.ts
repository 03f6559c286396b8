import { calling } from '../../platform/joint.ts';
import { advanced } from '../../platform/views.ts';
import { fridges } from '../fridges/fridges.api.ts';
import { recipes } from '../recipes/recipes.api.ts';

export const { joints, call } = calling(fridges.stock, recipes.rank, recipes.some);
/** The projector feeds the views that it reads. */
export const hears = [advanced];
