import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newcomer } from './support/client.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';

const server = await oneServer();
const { client, fridgeId } = await newcomer(server.url);
const ingredients = `/fridges/${fridgeId}/ingredients`;

/** Stores a name and a note, and reads them through every route that returns them. */
async function kept(name: string, note = name): Promise<[name: string, note: string]> {
  const reply = await client.post(ingredients, { name, note });
  assert.equal(reply.status, 201, JSON.stringify(reply.body));
  const stored = reply.body.items[0];
  assert.deepEqual((await client.get(`${ingredients}/${stored.ingredientId}`)).body, stored);
  const search = new URLSearchParams({ search: [...stored.name].slice(0, 50).join(''), limit: '100' });
  const list = await client.get(`${ingredients}?${search}`, { 'Wait-For-Position': reply.headers.get('position')! });
  const listed = list.body.items.find((item: { ingredientId: string }) => item.ingredientId === stored.ingredientId);
  assert.deepEqual(listed, stored);
  return [stored.name, stored.note];
}

test('combining Hangul is stored composed', async () => {
  for (const name of ['김치찌개', '한글 이름의 긴 재료', '각', '뷁', '가나다라마바사'.repeat(20)]) {
    const decomposed = name.normalize('NFD');
    assert.notEqual(decomposed, name);
    assert.deepEqual(await kept(decomposed), [name, name]);
  }
  assert.deepEqual(await kept('Cafe\u0301 A\u030angstrom'), ['Café Ångstrom', 'Café Ångstrom']);
});

test('length counts visible characters, so that Hangul and emoji are not cut short', async () => {
  const families = '👩‍👩‍👧‍👦'.repeat(200);
  assert.deepEqual(await kept(families), [families, families]);
  const jamo = '각'.normalize('NFD').repeat(200);
  assert.deepEqual(await kept(jamo), [jamo.normalize('NFC'), jamo.normalize('NFC')]);
  for (const name of ['👩‍👩‍👧‍👦'.repeat(201), '각'.normalize('NFD').repeat(201), 'x'.repeat(201), 'x'.repeat(10_000)]) {
    assertProblem(await client.post(ingredients, { name }), 422, 'invalid', { paths: ['name'] });
  }
});

test('emoji, right-to-left text and rare characters come back as they are', async () => {
  const texts = [
    '👨‍🍳🥕',
    '🇰🇷',
    'שלום',
    'مرحبا بالعالم',
    '𠮷野家',
    '\u202eevil',
    '\u200bzero width',
    'Z̸̛̼a̷l̴g̶o̵',
    '\ufffd',
    '﷽',
  ];
  for (const text of texts) assert.deepEqual(await kept(text), [text.normalize('NFC'), text.normalize('NFC')]);
});

test('HTML, SQL, templates and paths are text, and come back unchanged', async () => {
  const texts = [
    `<script>alert(1)</script>`,
    `<img src=x onerror=alert(1)>`,
    `&lt;b&gt; &amp; "quotes" 'single'`,
    `'; DROP TABLE facts; --`,
    `" OR ""="`,
    `1); DELETE FROM facts WHERE ("1"="1`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is sent literally
    '${process.exit(1)} {{7*7}} <%= 7 %> $(reboot) `id`',
    '../../../../etc/passwd',
    'C:\\Windows\\System32',
    '{"$gt":""}',
    '__proto__',
    'constructor',
    'null',
    'undefined',
    'NaN',
    '=cmd|calc!A1',
    '%00 %0d%0a \\u0000 \\x00',
    '%s %d %n',
    '_%_',
  ];
  for (const text of texts) assert.deepEqual(await kept(text), [text, text]);
  assert.equal((await fetch(`${server.url}/livez`)).status, 200);
});

test('no answer is HTML, whatever text it contains', async () => {
  const reply = await client.post(ingredients, { name: '<b>bold</b>' });
  assert.equal(reply.headers.get('content-type'), 'application/json; charset=utf-8');
  const refused = await client.post(ingredients, { name: 'x', place: '<b>bold</b>' });
  assertProblem(refused, 422, 'unknown-place', { paths: ['place'] });
  assertProblem(await client.get('/%3Cscript%3Ealert(1)%3C/script%3E'), 404, 'not-found');
});

test('spaces around a text are trimmed, those inside stay; a note may have several lines', async () => {
  assert.deepEqual(await kept('  two  words \u3000', '\n first\n\n\tsecond \r\n'), ['two  words', 'first\n\n\tsecond']);
});

test('control characters, NUL and lone surrogates are refused everywhere', async () => {
  const bad = [
    '\u0000',
    'a\u0000b',
    '\u0001',
    '\u001b[31mred',
    '\u007f',
    '\u2028',
    '\u2029',
    '\ud800',
    'a\udc00b',
    '\udc00\ud800',
  ];
  for (const text of bad) {
    for (const field of ['name', 'note', 'unit', 'place']) {
      const item = { name: 'x', [field]: `x${text}x` };
      assertProblem(await client.post(ingredients, item), 422, 'invalid', { paths: [field] });
    }
  }
  for (const text of ['two\nlines', 'a\ttab', 'a\rreturn']) {
    assertProblem(await client.post(ingredients, { name: text }), 422, 'invalid', { paths: ['name'] });
  }
});

test('a text without visible characters, or with too many combining marks on one, is refused', async () => {
  for (const text of ['\u200b', '\u200b \u2060', '\u3164', `e${'\u0301'.repeat(3000)}`]) {
    for (const field of ['name', 'note', 'unit', 'place']) {
      const item = { name: 'x', [field]: text };
      assertProblem(await client.post(ingredients, item), 422, 'invalid', { paths: [field] });
    }
  }
});

test('an unknown unit is a counted unit of that name', async () => {
  for (const [unit, code] of [
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['봉다리'.normalize('NFD'), '봉다리'],
    ['G', 'g'],
    ['KG.', 'kg'],
    ["'; --", "'; --"],
  ] as const) {
    const reply = await client.post(ingredients, { name: 'counted', amount: 2, unit });
    assert.deepEqual([reply.body.items[0].amount, reply.body.items[0].unit], [2, code]);
    const path = `${ingredients}/${reply.body.items[0].ingredientId}`;
    assert.equal((await client.post(`${path}/consume`, { amount: 1, unit })).body.ingredient.amount, 1);
  }
});

test('amounts and prices are returned as the decimal numbers that were sent', async () => {
  const units = { g: [0.001, 0.1, 0.3, 33.333, 999_999.999], kg: [0.000_001, 1.1, 1_000_000], 개: [0.5, 0.333, 3] };
  for (const [unit, amounts] of Object.entries(units)) {
    for (const amount of amounts) {
      const reply = await client.post(ingredients, { name: 'exact', amount, unit, price: amount });
      assert.deepEqual([reply.body.items[0].amount, reply.body.items[0].price], [amount, amount]);
    }
  }
});

test('repeated consumption leaves no rounding error', async () => {
  const reply = await client.post(ingredients, { name: 'flour', amount: 0.3, unit: 'kg' });
  const path = `${ingredients}/${reply.body.items[0].ingredientId}`;
  const left: number[] = [];
  for (const amount of [0.1, 0.1, 0.1])
    left.push((await client.post(`${path}/consume`, { amount })).body.ingredient.amount);
  assert.deepEqual(left, [0.2, 0.1, 0]);
});
