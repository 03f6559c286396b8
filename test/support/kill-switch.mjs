// Loaded into a ZipBob under test (node --import): ends the process, like kill -9, right before or after its n-th
// writing SQLite statement. KILL_AT counts within the thread named by KILL_IN ("main" or "projector"). With
// EVENTSTORE_URL it counts appends too: the process ends before one is sent, while its answer is awaited, or after it
// has arrived. Nothing else changes.
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { isMainThread } from 'node:worker_threads';

const at = Number(process.env.KILL_AT);
const mine = (process.env.KILL_IN === 'main') === isMainThread;
let count = 0;

const strike = () => {
  if (mine && ++count === at) process.kill(process.pid, 'SIGKILL');
};

const { run } = StatementSync.prototype;
StatementSync.prototype.run = function (...values) {
  strike();
  const result = run.apply(this, values);
  strike();
  return result;
};
const { exec } = DatabaseSync.prototype;
DatabaseSync.prototype.exec = function (sql) {
  const ends = sql === 'COMMIT';
  if (ends) strike();
  exec.call(this, sql);
  if (ends) strike();
};

if (process.env.EVENTSTORE_URL && isMainThread) {
  const { EventStoreDBClient } = await import('@eventstore/db-client');
  const { appendToStream } = EventStoreDBClient.prototype;
  EventStoreDBClient.prototype.appendToStream = async function (...values) {
    strike();
    const answer = appendToStream.apply(this, values);
    setImmediate(strike);
    const result = await answer;
    strike();
    return result;
  };
}
