// Loaded into a ZipBob under test (node --import): makes its log acknowledge facts before it has committed them. A
// transaction with facts is committed only when the next one begins, so kill -9 always loses the last one.
import { DatabaseSync, StatementSync } from 'node:sqlite';

let hasFacts = false;
let log;

const { run } = StatementSync.prototype;
StatementSync.prototype.run = function (...values) {
  hasFacts ||= this.sourceSQL.startsWith('INSERT INTO facts');
  return run.apply(this, values);
};
const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql) {
  if (sql === 'COMMIT' && hasFacts) {
    hasFacts = false;
    log = this;
    return;
  }
  if (log === this && sql.startsWith('BEGIN')) {
    log = undefined;
    exec.call(this, 'COMMIT');
  }
  exec.call(this, sql);
};
