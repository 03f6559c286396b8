import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import packageJson from '../package.json' with { type: 'json' };

const CHECK = join(import.meta.dirname, 'check-node.mjs');

/** What the check says on a runtime of these versions. */
function checked(node: string, sqlite?: string): { status: number | null; text: string } {
  const versions = JSON.stringify({ node, ...(sqlite && { sqlite }) });
  const disguise = `data:text/javascript,Object.defineProperty(process,'versions',{value:${versions}})`;
  const { status, stderr } = spawnSync(process.execPath, ['--import', disguise, '--import', CHECK, '-e', ''], {
    encoding: 'utf8',
  });
  return { status, text: stderr };
}

test('a Node whose SQLite cannot corrupt a file is accepted', () => {
  for (const [node, sqlite] of [
    ['24.15.0', '3.51.3'],
    ['24.21.0', '3.53.4'],
    ['26.12.0', '3.54.0'],
    ['25.7.0', '4.0.0'],
  ] as const) {
    assert.deepEqual(checked(node, sqlite), { status: 0, text: '' }, `${node} ${sqlite}`);
  }
});

test('an older one is refused in one line, which says what is needed and which Node has it', () => {
  for (const [node, sqlite] of [
    ['24.14.1', '3.51.2'],
    ['24.0.0', '3.49.1'],
    ['25.0.0', '3.50.4'],
    ['24.15.0', undefined],
  ] as const) {
    const { status, text } = checked(node, sqlite);
    assert.equal(status, 1, `${node} ${sqlite}`);
    assert.match(text, /^ZipBob needs SQLite 3\.51\.3 or later, which Node has from 24\.15 on: .*\n$/);
  }
  const { status, text } = checked('20.20.2');
  assert.equal(status, 1);
  assert.match(text, /^ZipBob needs Node 24\.15 or later, this is 20\.20\.2\. .*\n$/);
});

test('every command is checked, and npm brings only runtimes that pass', () => {
  const { scripts, optionalDependencies, engines } = packageJson;
  for (const [name, script] of Object.entries(scripts)) {
    if (/node .*(start|commands\/)/.test(script)) assert.match(script, /--import \.\/platform\/check-node\.mjs/, name);
  }
  assert.equal(engines.node, '>=24.15');
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const [major, minor] = version.split('.').map(Number);
    assert.ok(major === 24 && minor! >= 15, `${name} ${version}`);
  }
});
