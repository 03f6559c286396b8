// Loaded into a projector under test (node --import): each commit to SQLite takes up to 5 ms longer.
import { DatabaseSync } from 'node:sqlite';

const { exec } = DatabaseSync.prototype;
const never = new Int32Array(new SharedArrayBuffer(4));
DatabaseSync.prototype.exec = function (sql) {
  if (sql === 'COMMIT') Atomics.wait(never, 0, 0, Math.random() * 5);
  exec.call(this, sql);
};
