// Loaded into a ZipBob under test (node --import): its log acknowledges what it has not committed. A transaction with
// facts is only ended when the next one begins, so that kill -9 always takes the last with it. Nothing else changes.
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
