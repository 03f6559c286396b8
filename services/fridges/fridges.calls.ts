import { calling } from '../../platform/joint.ts';
import { advanced } from '../../platform/views.ts';
import { recipes } from '../recipes/recipes.api.ts';
import { recommendations } from '../recommendations/recommendations.api.ts';

export const { joints, call } = calling(recipes.some, recommendations.isOf);
/** The projector feeds the views that it reads. */
export const hears = [advanced];
