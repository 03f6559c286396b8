import { appendFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readConfig } from '../moleculer.config.ts';
import { takeDataFolder } from '../platform/data-folder.ts';
import { newOperatorToken } from '../platform/operator-token.ts';
import { messageOf, printable } from '../platform/printable.ts';
import { apps } from './cluster/apps.ts';
import { Program, type Watcher } from './cluster/program.ts';
import { makeServerFolder, missingServers } from './cluster/servers.ts';
import { freePort, replaceFile, settingsIn } from './cluster/settings.ts';
import { showStatus } from './cluster/status.ts';

/**
 * `npm run cluster`: one process for each service on this machine, two of some, on the servers that the variables name,
 * and on servers of its own for the others. Restarts what dies. SIGTERM stops all. `-- --status` shows a running one.
 */
const data = resolve(process.env.ZIPBOB_DATA || './var');
const print = (line: string) => console.log(printable(line));
const programs: Program[] = [];
const watcher: Watcher = {
  changed() {
    const processes = programs.flatMap(({ pid, spec: { name, kind, services } }) =>
      pid === undefined ? [] : [{ name, kind, pid, ...(services && { services }) }],
    );
    replaceFile(join(data, 'cluster.json'), { processes });
  },
  output({ name, kind }, line) {
    if (kind === 'app') print(`${name}: ${line}`);
    else appendFileSync(join(data, 'servers', `${name}.log`), `${line}\n`);
  },
  report: line => console.error(printable(`cluster: ${line}`)),
};

async function start(): Promise<string> {
  const {
    host,
    port: wanted,
    operatorToken,
  } = readConfig({ ...process.env, ZIPBOB_PROFILE: undefined, ZIPBOB_SERVICES: undefined });
  const folder = takeDataFolder(data);
  process.once('exit', () => folder.release());
  const missing = missingServers(process.env);
  const names = [...missing.map(({ name }) => name), 'postgres'];
  const settings = await settingsIn(data, names);
  const urls: Record<string, string> = {};
  const ready: Promise<void>[] = [];
  for (const server of missing) {
    const prepared = await server.prepare(makeServerFolder(data, server.name), settings);
    Object.assign(urls, prepared.urls);
    ready.push(...prepared.programs.map(launch));
  }
  await Promise.all(ready);
  const port = wanted || (await freePort());
  const token = operatorToken ?? newOperatorToken();
  const specs = apps({ port, env: { ...process.env, ...urls, ZIPBOB_OPERATOR_TOKEN: token } });
  await Promise.all(specs.map(launch));
  const address = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  folder.announce({ pid: process.pid, address, token });
  return address;
}

function launch(spec: ConstructorParameters<typeof Program>[0]): Promise<void> {
  const program = new Program(spec, watcher);
  programs.push(program);
  return program.start();
}

/** Nodes first: they finish the calls in flight, for which they need the servers. */
async function stop(code: number): Promise<never> {
  for (const kind of ['app', 'server']) {
    await Promise.all(programs.filter(({ spec }) => spec.kind === kind).map(program => program.stop()));
  }
  process.exit(code);
}

const { values } = parseArgs({ options: { status: { type: 'boolean', default: false } } });
if (values.status) {
  process.exitCode = await showStatus(data);
} else {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(0));
  try {
    print(`ready ${await start()}`);
  } catch (error) {
    console.error(printable(messageOf(error)));
    await stop(1);
  }
}
