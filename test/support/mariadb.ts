import { after } from 'node:test';
import { isInstalled, type MariaDb, type MariaDbOptions, running, startServer } from './mariadb-server.ts';

export { type MariaDb, WITH_BINLOG } from './mariadb-server.ts';

/** MARIADB_URL: the tests that need no server of their own run on this one; its account must be allowed to make schemas. */
const given = process.env.MARIADB_URL;

/** Why suites on MariaDB are skipped, if they are. */
export const noMariaDb = {
  skip:
    !isInstalled &&
    given === undefined &&
    'there is no mariadbd: apt-get install mariadb-server, or set MARIADB_URL to a server',
};
/** The same for suites that stop, freeze or configure their server. */
export const noOwnMariaDb = { skip: !isInstalled && 'there is no mariadbd: apt-get install mariadb-server' };
if (noMariaDb.skip) console.warn(`SKIPPED: ${noMariaDb.skip}`);

/** For names of tests: which server they saw. */
export const SERVER = given === undefined ? 'a private mariadbd' : 'the server of MARIADB_URL';

let shared: Promise<MariaDb> | undefined;
let schemas = 0;
const ends: (() => Promise<void>)[] = [];
after(async () => {
  for (const end of ends) await end();
});

/** One server for all tests of a file, or the one of MARIADB_URL. */
export function sharedMariaDb(): Promise<Pick<MariaDb, 'url' | 'run'>> {
  if (given !== undefined) return Promise.resolve(elsewhere(given));
  shared ??= startMariaDb();
  return shared;
}

/** An empty schema on the shared server, by its URL. */
export async function emptySchema(): Promise<{ url: string; schema: string; drop(): Promise<void> }> {
  const { url, run } = await sharedMariaDb();
  const schema = `zipbob_test_${process.pid}_${++schemas}`;
  await run(`CREATE DATABASE ${schema}`);
  return {
    url: url(schema),
    schema,
    drop: async () => void (await run(`DROP DATABASE IF EXISTS ${schema}`)),
  };
}

/** Starts a private server, which ends with the test file. @throws Error with what it wrote where it does not start */
export async function startMariaDb(options: MariaDbOptions = {}): Promise<MariaDb> {
  const server = await startServer(options);
  ends.push(server.end);
  return server;
}

/** A replica of a server that was started with `WITH_BINLOG`. */
export async function startReplica(primary: MariaDb): Promise<MariaDb> {
  const replica = await startMariaDb({ args: ['--server-id=2', '--read-only=1'] });
  await replica.run(
    `CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${primary.port}, MASTER_USER = 'root',
     MASTER_CONNECT_RETRY = 1, MASTER_USE_GTID = slave_pos`,
    'START SLAVE',
  );
  return replica;
}

/** Resolves when a replica has done all that its primary has. */
export async function caughtUp(primary: MariaDb, replica: MariaDb): Promise<void> {
  const [row] = await primary.run('SELECT @@gtid_binlog_pos AS place');
  const [waited] = await replica.run(`SELECT MASTER_GTID_WAIT('${row!.place}', 30) AS result`);
  if (waited!.result !== 0) throw new Error('the replica does not catch up');
}

function elsewhere(url: string): Pick<MariaDb, 'url' | 'run'> {
  const { hostname, port, username, password } = new URL(url);
  const place = {
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
  };
  return {
    url(schema, user, secret) {
      const other = new URL(url);
      other.pathname = `/${schema}`;
      if (user !== undefined) [other.username, other.password] = [user, secret ?? ''];
      return other.href;
    },
    run: (...statements) => running(place, statements),
  };
}
