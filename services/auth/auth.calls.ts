import { calling } from '../../platform/joint.ts';
import { advanced } from '../../platform/views.ts';
import { fridges } from '../fridges/fridges.api.ts';

export const { joints, call } = calling(fridges.open);
/** The projector feeds the views that it reads. */
export const hears = [advanced];
