import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { scratchFolder } from './support/programs.ts';
import { launch } from './support/zipbob.ts';

/** `npm run demo` as a user runs it on a machine without a browser. */
describe('the demo', () => {
  const folder = scratchFolder();
  after(() => rmSync(folder, { recursive: true, force: true }));

  async function demo(args: readonly string[], extra: Record<string, string> = {}) {
    const { child, ended } = await launch(folder, ['commands/demo.ts', ...args], { extra });
    const [out, err] = await Promise.all([child.stdout.toArray(), child.stderr.toArray()]);
    return { code: await ended, out: out.join(''), err: err.join('') };
  }

  test('runs in English, with English food, without a locale', async () => {
    const { code, out } = await demo([], { LANG: 'C.UTF-8' });
    assert.equal(code, 0);
    assert.match(out, /^1\. .+: Our fridge$/m);
    assert.match(out, /^ {3}baby spinach: 200 g, until [\d-]+ \(due soon\)$/m);
    assert.match(out, /^4\. Cooked Vegetable and Cheese Omelette\./m);
    assert.doesNotMatch(out, /due_soon|[a-z]+ Missing:/);
  });

  test('runs in Korean in a Korean terminal, or on request', async () => {
    for (const [args, LANG] of [
      [[], 'ko_KR.UTF-8'],
      [['--lang', 'ko'], 'en_GB.UTF-8'],
    ] as const) {
      const { code, out } = await demo(args, { LANG });
      assert.equal(code, 0);
      assert.match(out, /^1\. .+: 우리집 냉장고$/m);
      assert.match(out, /^ {3}돼지고기 목살: 300g, [\d-]+까지 \(기한 임박\)$/m);
      assert.match(out, /^4\. 돼지고기 김치찌개, 요리했어요\./m);
    }
  });

  test('prints its usage', async () => {
    assert.deepEqual(await demo(['--lang', 'fr']), {
      code: 1,
      out: '',
      err: 'usage: npm run demo -- [--lang ko|en]\n',
    });
  });
});
