import type { Reply } from './client.ts';

export const underKey = (key: string) => ({ 'Idempotency-Key': key });

/** The parts of an answer that a repeat must reproduce: status, ids, revision and position. */
export function ids({ status, headers, body }: Reply): unknown {
  const { actionId, items = [body.ingredient].filter(Boolean) } = body;
  const names = ['etag', 'position', 'location'].map(name => headers.get(name));
  return { status, actionId, items: items.map((item: { ingredientId: string }) => item.ingredientId), names };
}
