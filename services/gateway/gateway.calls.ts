import { calling } from '../../platform/joint.ts';
import { authApi } from '../auth/auth.api.ts';
import { fridgesApi } from '../fridges/fridges.api.ts';
import { projector } from '../projector/projector.api.ts';
import { recipesApi } from '../recipes/recipes.api.ts';
import { recommendations, recommendationsApi } from '../recommendations/recommendations.api.ts';

/** The whole HTTP contract. */
export const routes = [authApi, fridgesApi, recipesApi, recommendationsApi].flatMap(api => Object.values(api));

/** `/readyz` asks the projector and the recommendations; requests go to the routes. */
export const { joints, call } = calling(projector.status, recommendations.status, ...routes);
