import { workerData } from 'node:worker_threads';
import { sqliteKeyValue } from './sqlite.ts';

/** A thread that increments a value and a count, as another node would. */
const { file, steps } = workerData as { file: string; steps: number };
const kv = sqliteKeyValue(file, () => new Date('2026-03-10T08:00:00.000Z'));
for (let done = 0; done < steps; ) {
  const before = await kv.get('count');
  if (await kv.replace('count', before, String(Number(before ?? 0) + 1), 60)) done++;
}
for (let done = 0; done < steps; done++) await kv.add('tries', 1, 60);
await kv.close();
