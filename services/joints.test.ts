import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ServiceSchema } from 'moleculer';
import { type Joint, serviceOf } from '../platform/joint.ts';
import { BUS_BYTES, MESSAGE_BYTES, mostBytes } from '../platform/message-size.ts';
import { advanced } from '../platform/views.ts';
import { routes } from './gateway/gateway.calls.ts';
import { allServices, loadServices } from './index.ts';

const ROOT = join(import.meta.dirname, '..');

/** All joints that are declared beside the routes. */
const joints: readonly Joint[] = (
  await Promise.all(globSync('services/*/*.api.ts', { cwd: ROOT }).map(file => import(join(ROOT, file))))
)
  .flatMap(module => Object.values(module as object).flatMap(value => Object.values(value as object)))
  .filter(value => typeof (value as Partial<Joint> | undefined)?.action === 'string');

test('every joint and every route is an action of its service, and no action is anything else', async () => {
  const schemas = (await loadServices(allServices)).map(
    make => make({ handler: () => ({}), keyValue: {} } as never) as ServiceSchema,
  );
  const actions = schemas.flatMap(({ name, actions = {} }) => Object.keys(actions).map(action => `${name}.${action}`));
  const declared = joints.map(({ action }) => action);
  assert.deepEqual(actions.filter(action => !action.startsWith('gateway.')).sort(), declared.sort());
  for (const { action } of routes) assert.ok(declared.includes(action));
  for (const joint of joints) assert.ok(allServices.some(name => name === serviceOf(joint.action)));
});

test('no service makes a command handler by itself: snapshots, tracing and limits are attached in one place', () => {
  const files = globSync('services/**/*.ts', { cwd: ROOT }).filter(file => !/\.test\.ts$|testing/.test(file));
  assert.deepEqual(
    files.filter(file => /\bcommandHandler\b/.test(readFileSync(join(ROOT, file), 'utf8'))),
    [],
  );
});

test('no action and no event is named by a bare text', () => {
  const files = globSync('{services,platform,commands}/**/*.ts', { cwd: ROOT }).filter(
    // The REPL lies below the services and calls their actions by name.
    file => !file.endsWith('.test.ts') && !/testing|platform.repl\.ts$/.test(file),
  );
  assert.ok(files.length > 50);
  const bare = /\.(?:call|emit|broadcast|broadcastLocal)(?:<[^(]*>)?\(\s*['"`]|^ {4,}'[a-z]+\.[a-z]+'\s*[(:]/m;
  assert.deepEqual(
    files.filter(file => bare.test(readFileSync(join(ROOT, file), 'utf8'))),
    [],
  );
});

test('a service calls only what it declares, in its own X.calls.ts', () => {
  for (const file of globSync('services/*/*.ts', { cwd: ROOT })) {
    if (file.endsWith('.test.ts') || file.endsWith('testing.ts')) continue;
    const [, service] = file.split('/');
    const text = readFileSync(join(ROOT, file), 'utf8');
    const callers = [...text.matchAll(/from '(\S+\.calls\.ts)'/g)].map(([, from]) => from);
    assert.deepEqual(
      callers.filter(from => from !== `./${service}.calls.ts`),
      [],
      file,
    );
    assert.ok(file.endsWith(`/${service}.calls.ts`) || !/\bcalling\(/.test(text), file);
  }
});

/** The most bytes of input and answer, as JSON. A new joint gets a line here. */
const BOUNDS = {
  'fridges.open': [6182, 0],
  'fridges.stock': [1294, 524462],
  'projector.events': [1248, 983040],
  'projector.rebuild': [612, 41],
  'projector.retire': [648, 38],
  'projector.status': [2, 257260],
  'recipes.rank': [61114, 507960],
  'recipes.some': [30818, 964061],
  'recommendations.isOf': [1238, 5],
  'recommendations.status': [2, 20],
};

test('no internal message is larger than a bus carries, however much there is', () => {
  const internal = joints.filter(joint => !('method' in joint));
  const bounds = Object.fromEntries(
    internal.map(({ action, input, output }) => [action, [mostBytes(input), mostBytes(output)]]),
  );
  assert.deepEqual(bounds, BOUNDS);
  assert.ok(MESSAGE_BYTES < BUS_BYTES);
  for (const bytes of [...Object.values(bounds).flat(), mostBytes(advanced.payload)]) assert.ok(bytes <= MESSAGE_BYTES);
});
