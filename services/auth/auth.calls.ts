import { calling } from '../../platform/joint.ts';
import { advanced } from '../../platform/views.ts';
import { fridges } from '../fridges/fridges.api.ts';

export const { joints, call } = calling(fridges.open);
/** It reads views, which the projector feeds. */
export const hears = [advanced];
