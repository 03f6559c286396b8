import { select } from '../form.js';
import { fridge } from '../fridge.js';
import { t } from '../texts.js';

/** Where in the fridge; without a present place, wherever such food usually is. @param {string} [chosen] */
export const placeSelect = chosen =>
  select(
    'place',
    [
      ...(chosen === undefined ? [/** @type {const} */ (['', t().placeUsual])] : []),
      ...fridge().places.map(({ place }) => /** @type {const} */ ([place, t().places[place] ?? place])),
    ],
    chosen ?? '',
  );
