import { Worker } from 'node:worker_threads';
import type { ProjectorTask } from '../messages.ts';

/** A process with a projector's thread and nothing else: what the thread tells goes to the parent. */
const [folder, logId, holder] = process.argv.slice(2) as [string, string, string];
const workerData: ProjectorTask = { locations: { folder }, logId, holder };
const thread = new Worker(new URL('../projector.worker.ts', import.meta.url), { workerData });
thread.on('message', message => process.send?.(message));
thread.on('exit', code => process.exit(code));
process.on('message', message => thread.postMessage(message));
