import module from 'node:module';
import { join } from 'node:path';
import { after } from 'node:test';
import { isMainThread } from 'node:worker_threads';

// Loaded before every test file. A test that hung leaves servers and timers behind, and nothing else ends its file:
// the timeout of a test is not one of its process.

/** The file's own clean-up comes after this. */
const GRACE_MS = 60_000;
/** For the whole of a file: also where what hangs is none of its tests. The longest takes a quarter of it. */
const FILE_MS = 25 * 60_000;

// A file of tests need not strip the types again that another has.
module.enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/zipbob-tests'));

const giveUp = (why: string) => () => {
  console.error(`${why}: ${process.getActiveResourcesInfo().join(', ')}`);
  process.exit(1);
};

if (process.env.NODE_TEST_CONTEXT && isMainThread) {
  setTimeout(giveUp(`Not done after ${FILE_MS} ms`), FILE_MS).unref();
  after(() => void setTimeout(giveUp(`Still open ${GRACE_MS} ms after the last test`), GRACE_MS).unref());
}
