import { after } from 'node:test';
import { isMainThread } from 'node:worker_threads';

// Loaded before every test file. A test that hung leaves servers and timers behind, and nothing else ends its file:
// the timeout of a test is not one of its process.

/** The file's own clean-up comes after this. */
const GRACE_MS = 60_000;

if (process.env.NODE_TEST_CONTEXT && isMainThread) {
  after(() => {
    setTimeout(() => {
      console.error(`Still open ${GRACE_MS} ms after the last test: ${process.getActiveResourcesInfo().join(', ')}`);
      process.exit(1);
    }, GRACE_MS).unref();
  });
}
