import { select } from '../form.js';
import { fridge } from '../fridge.js';
import { t } from '../texts.js';

/** Place in the fridge; without a present place, the usual one of the food. @param {string} [chosen] */
export const placeSelect = chosen =>
  select(
    'place',
    [
      ...(chosen === undefined ? [/** @type {const} */ (['', t().placeUsual])] : []),
      ...fridge().places.map(({ place }) => /** @type {const} */ ([place, t().places[place] ?? place])),
    ],
    chosen ?? '',
  );
