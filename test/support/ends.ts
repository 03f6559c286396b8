import module from 'node:module';
import { join } from 'node:path';
import { after } from 'node:test';
import { isMainThread } from 'node:worker_threads';

// Loaded before every test file. A hung test leaves servers and timers behind, and the test timeout does not end the
// process, so this file does.

/** Time for the file's own clean-up after its last test. */
const GRACE_MS = 60_000;
/** Limit for a whole file, also for a hang outside its tests. The longest file takes a quarter of it. */
const FILE_MS = 25 * 60_000;

// Test files share the cache of stripped types.
module.enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/zipbob-tests'));

const giveUp = (why: string) => () => {
  console.error(`${why}: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit(1);
};

if (process.env.NODE_TEST_CONTEXT && isMainThread) {
  setTimeout(giveUp(`Not done after ${FILE_MS} ms`), FILE_MS).unref();
  after(() => void setTimeout(giveUp(`Still open ${GRACE_MS} ms after the last test`), GRACE_MS).unref());
}
