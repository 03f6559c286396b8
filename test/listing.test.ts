import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sortKey } from '../domain/sort-key.ts';
import { newcomer, type Reply } from './support/client.ts';
import { oneServer } from './support/one-server.ts';
import { assertProblem } from './support/problems.ts';

const server = await oneServer();
const { client, fridgeId, memberId } = await newcomer(server.url);
const ingredients = `/fridges/${fridgeId}/ingredients`;

const dayFromNow = (days: number) => {
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Seoul' }).format(new Date());
  return new Date(Date.parse(today) + days * 86_400_000).toISOString().slice(0, 10);
};
const shelf = [
  { name: '우유', dueDate: dayFromNow(-3), dueType: 'use_by' },
  { name: '저지방 우유', dueDate: dayFromNow(30), place: 'freezer' },
  { name: '두부', dueDate: dayFromNow(-2), dueType: 'best_before' },
  { name: '김치', dueDate: dayFromNow(2) },
  { name: 'Sourdough Bread', dueDate: dayFromNow(2), place: 'pantry' },
  { name: 'Bread crumbs', place: 'pantry', dueDate: dayFromNow(60) },
  { name: 'Tupper', place: 'freezer' },
  { name: '양념', place: 'pantry' },
  { name: 'odds and ends' },
];
const stored = await client.post(ingredients, { items: shelf });
await client.get(ingredients, { 'Wait-For-Position': stored.headers.get('position')! });

async function list(query = ''): Promise<Reply> {
  const reply = await client.get(`${ingredients}?${query}`);
  assert.equal(`${query} ${reply.status}`, `${query} 200`);
  return reply;
}
const byKey = (a: string, b: string) => (sortKey(a) < sortKey(b) ? -1 : 1);
const names = ({ body }: Reply): string[] => body.items.map(({ name }: { name: string }) => name);

test('D-16: what was just written is seen at once by its position', async () => {
  const other = await newcomer(server.url);
  const path = `/fridges/${other.fridgeId}/ingredients`;
  for (let n = 1; n <= 20; n++) {
    const reply = await other.client.post(path, { name: `thing ${n}` });
    const seen = await other.client.get(path, { 'Wait-For-Position': reply.headers.get('position')! });
    assert.equal(seen.body.total, n);
    const { ingredientId, revision } = reply.body.items[0];
    const corrected = await other.client.patch(`${path}/${ingredientId}`, { amount: 7 });
    const again = await other.client.get(path, { 'Wait-For-Position': corrected.headers.get('position')! });
    const item = again.body.items.find((one: { ingredientId: string }) => one.ingredientId === ingredientId);
    assert.deepEqual(item, corrected.body.ingredient);
    assert.ok(item.revision > revision);
  }
});

test('a list shows each ingredient as the ingredient itself does', async () => {
  const { body } = await list();
  assert.equal(body.total, shelf.length);
  for (const item of body.items) {
    assert.deepEqual((await client.get(`${ingredients}/${item.ingredientId}`)).body, item);
    assert.equal(item.addedBy, memberId);
  }
});

test('D-10: a list is narrowed by place, food, words and status', async () => {
  const found: Record<string, string[]> = {
    'place=freezer': ['저지방 우유', 'Tupper'],
    'place=pantry': ['Sourdough Bread', 'Bread crumbs', '양념'],
    'place=nowhere': [],
    'food=milk': ['우유', '저지방 우유'],
    'food=milk&place=freezer': ['저지방 우유'],
    'food=unheard-of': [],
    'search=bread': ['Sourdough Bread', 'Bread crumbs'],
    'search=BREADC': ['Bread crumbs'],
    'search=우유': ['우유', '저지방 우유'],
    'search=%25%25': [],
    'search=milk': ['우유', '저지방 우유'],
    'search=Bean+curd': ['두부'],
    'search=배추김치': ['김치'],
    'status=fresh': ['저지방 우유', 'Bread crumbs'],
    'status=due_soon': ['김치', 'Sourdough Bread'],
    'status=overdue': ['두부'],
    'status=no_date': ['Tupper', 'odds and ends', '양념'],
  };
  for (const [query, expected] of Object.entries(found)) {
    const reply = await list(query);
    assert.deepEqual([query, ...names(reply).sort()], [query, ...[...expected].sort()]);
    // A search does not count what it need not look at.
    assert.equal(reply.body.total, query.startsWith('search') ? undefined : expected.length);
  }
  const decomposed = new URLSearchParams({ search: '우유'.normalize('NFD') });
  assert.deepEqual(names(await list(String(decomposed))), ['우유', '저지방 우유']);
});

test('a search for marks alone finds what literally has them', async () => {
  const other = await newcomer(server.url);
  const path = `/fridges/${other.fridgeId}/ingredients`;
  const items = ['No. 5 sauce', 'half-n-half-n-half', '-', 'Tupper'].map(name => ({ name }));
  const position = (await other.client.post(path, { items })).headers.get('position')!;
  for (const [search, ...expected] of [
    ['.', 'No. 5 sauce'],
    ['-', '-', 'half-n-half-n-half'],
    ['--'],
    ['_'],
    ["'"],
    ['no.5', 'No. 5 sauce'],
    ['tup-per', 'Tupper'],
  ]) {
    const reply = await other.client.get(`${path}?sort=name&search=${search}`, { 'Wait-For-Position': position });
    assert.deepEqual([search, ...names(reply)], [search, ...expected]);
  }
});

test('the fridges of a member are a list like any other', async () => {
  const mine = await client.get('/fridges');
  assert.deepEqual(await client.get('/fridges?limit=5').then(({ status, body }) => [status, body]), [200, mine.body]);
  for (const [query, field] of [
    ['limit=0', 'limit'],
    ['cursor=x', 'cursor'],
    ['offset=5', 'offset'],
  ]) {
    assertProblem(await client.get(`/fridges?${query}`), 422, 'invalid', { paths: [field!] });
  }
});

test('D-11: the list of what is past its use-by date answers, also the second time', async () => {
  const [first, second] = [await list('status=expired'), await list('status=expired')];
  assert.deepEqual(names(first), ['우유']);
  assert.ok(first.body.items[0].daysLeft < 0);
  assert.deepEqual(second.body, first.body);
});

test('a list is sorted as asked, and what has no date stands last either way', async () => {
  const of = async (sort: string, field: string) =>
    (await list(`sort=${sort}`)).body.items.map((item: Record<string, string>) => item[field]);
  const byName = shelf.map(({ name }) => name).sort(byKey);
  assert.deepEqual(await of('name', 'name'), byName);
  assert.deepEqual(await of('-name', 'name'), byName.toReversed());
  const dates = shelf.flatMap(({ dueDate }) => dueDate ?? []).sort();
  const none = [undefined, undefined, undefined];
  assert.deepEqual(await of('dueDate', 'dueDate'), [...dates, ...none]);
  assert.deepEqual(await of('-dueDate', 'dueDate'), [...dates.toReversed(), ...none]);
  assert.deepEqual(names(await list('')), names(await list('sort=dueDate')));
  const places = (await of('place', 'place')) as string[];
  assert.deepEqual(places, [...places].sort());
  assert.deepEqual(await of('-place', 'place'), [...places].sort().toReversed());
});

test('paging visits each ingredient once, whatever the order and the size', async () => {
  for (const sort of ['dueDate', '-dueDate', 'name', '-name', 'addedAt', '-addedAt', 'place', '-place']) {
    const whole = names(await list(`sort=${sort}`));
    for (const limit of [1, 4, 9, 100]) {
      const seen: string[] = [];
      for (let query: string | undefined = `sort=${sort}&limit=${limit}`; query !== undefined; ) {
        const reply = await list(query);
        assert.equal(reply.body.total, shelf.length);
        assert.ok(reply.body.items.length <= limit);
        seen.push(...names(reply));
        const { nextCursor } = reply.body;
        query = nextCursor && `sort=${sort}&limit=${limit}&cursor=${encodeURIComponent(nextCursor)}`;
      }
      assert.deepEqual(seen, whole);
    }
  }
});

test('a cursor holds although what it stood at is used up meanwhile', async () => {
  const other = await newcomer(server.url);
  const path = `/fridges/${other.fridgeId}/ingredients`;
  const items = ['a', 'b', 'c', 'd'].map(name => ({ name }));
  const { body, headers } = await other.client.post(path, { items });
  const position = { 'Wait-For-Position': headers.get('position')! };
  const first = await other.client.get(`${path}?sort=name&limit=2`, position);
  const last = await other.client.post(`${path}/${body.items[1].ingredientId}/consume`);
  const rest = await other.client.get(`${path}?sort=name&limit=2&cursor=${first.body.nextCursor}`, {
    'Wait-For-Position': last.headers.get('position')!,
  });
  assert.deepEqual([...names(first), ...names(rest)], ['a', 'b', 'c', 'd']);
  assert.equal(rest.body.nextCursor, undefined);
});

test('a cursor holds in a list of the longest names', async () => {
  const other = await newcomer(server.url);
  const path = `/fridges/${other.fridgeId}/ingredients`;
  const items = ['가', '힣', '👩🏽‍🍳', '"'].flatMap(one => ['a', 'b'].map(last => ({ name: one.repeat(199) + last })));
  const position = (await other.client.post(path, { items })).headers.get('position')!;
  const seen: string[] = [];
  for (let cursor = ''; ; ) {
    const reply = await other.client.get(`${path}?sort=name&limit=1${cursor}`, { 'Wait-For-Position': position });
    assert.equal(reply.status, 200, JSON.stringify(reply.body));
    seen.push(...names(reply));
    if (reply.body.nextCursor === undefined) break;
    cursor = `&cursor=${reply.body.nextCursor}`;
  }
  // Names that differ after their first 255 code points only come in either order.
  assert.deepEqual(seen.map(sortKey), items.map(({ name }) => sortKey(name)).sort());
  assert.deepEqual([...seen].sort(), items.map(({ name }) => name).sort());
});

test('a cursor is taken only by the list that gave it', async () => {
  const filter = 'sort=name&place=pantry';
  const cursor = (await list(`${filter}&limit=1`)).body.nextCursor as string;
  assert.deepEqual(names(await list(`place=pantry&limit=2&sort=name&cursor=${cursor}`)), ['Sourdough Bread', '양념']);
  for (const other of [
    'sort=-name&place=pantry',
    'sort=name&place=freezer',
    'sort=name',
    'place=pantry',
    `${filter}&search=b`,
  ]) {
    assertProblem(await client.get(`${ingredients}?${other}&cursor=${cursor}`), 422, 'invalid', { paths: ['cursor'] });
  }
  const recipes = (await client.get('/recipes?limit=1')).body.nextCursor as string;
  assert.equal((await client.get(`/recipes?cursor=${recipes}`)).status, 200);
  for (const path of [
    `/recipes?lang=ko&cursor=${recipes}`,
    `/recipes?cursor=${cursor}`,
    `/fridges?cursor=${recipes}`,
  ]) {
    assertProblem(await client.get(path), 422, 'invalid', { paths: ['cursor'] });
  }
});

test('what a list cannot be asked for is refused by name', async () => {
  const wrong: Record<string, string[]> = {
    limit: ['0', '101', '-1', '1.5', 'ten', '', '1e300', 'NaN'],
    cursor: ['x', 'e30', 'WzEsMl0', 'bnVsbA', '%00', 'x'.repeat(501), 'x'.repeat(8001)],
    sort: ['amount', '--name', 'constructor', 'name,place', ''],
    status: ['rotten', '', 'FRESH'],
    search: ['', '%20', 'x'.repeat(101), '%00', 'a%0Ab'],
    place: ['', 'x'.repeat(31)],
    food: ['', 'x'.repeat(101)],
    offset: ['5'],
    member: ['x'],
  };
  for (const [field, values] of Object.entries(wrong)) {
    for (const value of values) {
      assertProblem(await client.get(`${ingredients}?${field}=${value}`), 422, 'invalid', { paths: [field] });
    }
  }
});

test('a list is never answered as unchanged', async () => {
  for (const tag of ['*', '"1"', 'W/"1"', '"0", "1", "2"']) {
    const reply = await client.get(ingredients, {
      'If-None-Match': tag,
      'If-Modified-Since': new Date().toUTCString(),
    });
    assert.equal(reply.status, 200);
    assert.equal(reply.body.total, shelf.length);
  }
  assert.equal((await list()).headers.get('cache-control'), 'no-store');
});
