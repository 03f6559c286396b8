import { calling } from '../../platform/joint.ts';
import { advanced } from '../../platform/views.ts';
import { recipes } from '../recipes/recipes.api.ts';
import { recommendations } from '../recommendations/recommendations.api.ts';

export const { joints, call } = calling(recipes.some, recommendations.isOf);
/** It reads views, which the projector feeds. */
export const hears = [advanced];
