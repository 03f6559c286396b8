import { calling } from '../../platform/joint.ts';
import { fridges } from '../fridges/fridges.api.ts';

export const { joints, call } = calling(fridges.open);
