import type { z } from 'zod';
import { Unavailable } from '../../core/errors.ts';
import type { Call, Caller } from '../../platform/joint.ts';
import { fridges, type Stock } from './fridges.api.ts';

const ATTEMPTS = 5;

/**
 * The stock of a fridge, page by page, all of one revision.
 * @throws Problem like `fridges.stock`; Unavailable if the fridge changes during each of five attempts
 */
export async function wholeStock(
  call: Call<typeof fridges.stock>,
  from: Caller,
  input: Omit<z.input<typeof fridges.stock.input>, 'skip'>,
): Promise<Stock> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const stock = await readPages(call, from, input);
    if (stock) return stock;
  }
  throw new Unavailable(`the fridge ${input.fridgeId} changed ${ATTEMPTS} times while its stock was read`);
}

/** Undefined if the fridge changed between two pages. */
async function readPages(
  call: Call<typeof fridges.stock>,
  from: Caller,
  input: Omit<z.input<typeof fridges.stock.input>, 'skip'>,
): Promise<Stock | undefined> {
  const { more, ...stock } = await call(from, fridges.stock, input);
  const batches = [...stock.batches];
  for (let isLast = !more; !isLast; ) {
    const page = await call(from, fridges.stock, { ...input, skip: batches.length });
    if (page.revision !== stock.revision) return undefined;
    batches.push(...page.batches);
    isLast = !page.more;
  }
  return { ...stock, batches };
}
