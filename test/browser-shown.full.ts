import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { isUsable, launch, skip, watched } from './support/browser.ts';
import { type Client, newcomer, PASSWORD } from './support/client.ts';
import { scratchFolder } from './support/programs.ts';
import { type Running, launch as run, startZipBob } from './support/zipbob.ts';

/** How the page puts things: foods, amounts, times, what is missing. */

const phone = { viewport: { width: 390, height: 844 }, hasTouch: true } as const;
const korean = { ...phone, locale: 'ko-KR' };
const english = { ...phone, locale: 'en-US', colorScheme: 'dark' } as const;

let folder: string;
let server: Running;
let browser: Browser;

/** A member who logged in, and whose fridge holds this. */
async function atHome(page: Page, items: readonly object[]): Promise<Client> {
  const { client, fridgeId, email } = await newcomer(server.url);
  const stored = await client.post(`/fridges/${fridgeId}/ingredients`, { items });
  assert.equal(stored.status, 201);
  await page.goto(`${server.url}/#/login`);
  await page.locator('[name=email]').fill(email);
  await page.locator('[name=password]').fill(PASSWORD);
  await page.locator('form.account [type=submit]').click();
  await page.locator('.items').waitFor();
  return client;
}

/** Runs a text in the page, for modules that need a browser. */
const inPage = <T>(page: Page, code: string): Promise<T> => page.evaluate<T>(code);
const texts = (page: Page, selector: string) => page.locator(selector).allInnerTexts();
const daysAhead = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

describe('what the web page shows', { skip }, () => {
  before(async () => {
    folder = scratchFolder();
    server = await startZipBob(folder);
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the food that was understood, unless it is just what was typed', () =>
    watched(browser, english, async page => {
      const typed = ['breast milk', 'mystery milk', 'Cherry Tomatoes', 'eggs', '두부', 'xylophone'];
      await atHome(page, [...typed.map(name => ({ name }))]);
      const names = (await texts(page, '.item-name')).toSorted();
      assert.deepEqual(names, [
        'Cherry Tomatoes',
        'breast milk',
        'eggs',
        'mystery milk = milk',
        'xylophone',
        '두부 = tofu',
      ]);
    }));

  test('plurals of a recipe are sure, what has words left out is not', () =>
    watched(browser, english, async page => {
      const file = join(folder, 'plurals.jsonl');
      const ingredients = ['4 eggs', '2 green onions', '200 g dark mystery chocolate'];
      writeFileSync(file, JSON.stringify({ title: 'Plural stir', ingredients }));
      assert.equal(await (await run(folder, ['commands/import.ts', file])).ended, 0);
      const client = await atHome(page, [
        { name: 'eggs', amount: 12 },
        { name: 'green onions', amount: 6 },
      ]);
      const [{ recipeId }] = (await client.get('/recipes?search=plural%20stir')).body.items;
      await page.goto(`${server.url}/#/recipe/${recipeId}`);
      await page.locator('.lines').waitFor();
      assert.deepEqual(await page.locator('.standing').allTextContents(), ['have it', 'have it', 'missing · not sure']);
    }));

  test('amounts as people would say them, and takes all where that is meant', () =>
    watched(browser, korean, async page => {
      await atHome(page, [{ name: '우유', amount: 946.353, unit: 'ml' }]);
      await page.getByText('946ml').waitFor();
      await page.getByRole('button', { name: '우유 조금 쓰기' }).click();
      await page.getByRole('button', { name: '전부' }).click();
      assert.equal(await page.getByRole('dialog').getByLabel('양', { exact: true }).inputValue(), '946');
      await page.getByRole('dialog').getByRole('button', { name: '썼어요' }).click();
      await page.getByText('냉장고가 비어 있어요').waitFor();

      const shown = [
        ...[946.353, 5.26, 12.5, 1234.5].map(amount => [amount, 'ml']),
        ...[1.25, 0.345].map(amount => [amount, 'kg']),
        ...[1 / 3, 2.333, 0.5, 0.99, 0.2].map(amount => [amount, 'cup']),
        [1.25, 'quart'],
      ];
      const asText = `import('/format.js').then(({ amountText }) =>
        ${JSON.stringify(shown)}.map(([amount, unit]) => amountText(amount, unit)))`;
      assert.deepEqual(await inPage(page, asText), [
        ...['946ml', '5.3ml', '12.5ml', '1,235ml', '1.25kg', '0.345kg', '⅓컵', '2⅓컵', '½컵', '1컵', '0.2컵', '1¼쿼트'],
      ]);
      const typed = ['1½', '1 1/2컵', '1과 1/2컵', '½모', '1,5', '1,000', '200g', '1.2.3', '약간'];
      const read = `import('/amount.js').then(({ readAmount }) => ${JSON.stringify(typed)}.map(text => {
        const { amount, unit = '' } = readAmount(text) ?? {}; return amount + unit; }))`;
      assert.deepEqual(await inPage(page, read), [
        ...['1.5', '1.5컵', '1.5컵', '0.5모', '1.5', '1000', '200g', 'undefined', 'undefined'],
      ]);
    }));

  for (const [locale, expected] of [
    [korean, ['60일 남음', '2개월 남음', '11개월 남음', '1년 남음', '1년 5개월 남음', '2년 남음', '5년 남음']],
    [
      english,
      ['60 days left', '2 months left', '11 months left', '1 year left', '1 year 5 months left', '2 years left'].concat(
        '5 years left',
      ),
    ],
  ] as const) {
    test(`how long it keeps, in ${locale.locale}`, () =>
      watched(browser, locale, async page => {
        await page.goto(server.url);
        const days = [60, 62, 360, 365, 540, 730, 2000];
        const script = `import('/format.js').then(({ daysText }) =>
          ${JSON.stringify(days)}.map(daysLeft => daysText({ status: 'fresh', daysLeft })))`;
        assert.deepEqual(await inPage(page, script), expected);
      }));
  }

  test('what is missing once, and not what a warning names', () =>
    watched(browser, korean, async page => {
      await page.route('**/recommendations/*', async route => {
        const answer = await route.fetch();
        const body = await answer.json();
        const [recipe] = body.recipes;
        if (!recipe) return route.fulfill({ response: answer, json: body });
        recipe.missing = [
          { name: '간장', text: '간장 1큰술', foodId: 'soy-sauce' },
          { name: '간장', text: '간장 약간', foodId: 'soy-sauce' },
          { name: '마법가루 2숟갈', text: '마법가루 2숟갈' },
        ];
        recipe.partial = [{ foodId: 'garlic', name: '마늘', have: 5.26, need: 15, unit: 'ml' }];
        recipe.warnings = ['확인하지 못한 재료: 당근 30g, 마법가루 2숟갈'];
        await route.fulfill({ response: answer, json: { ...body, recipes: [recipe] } });
      });
      await atHome(page, [{ name: '계란', amount: 10, dueDate: daysAhead(1) }]);
      await page.goto(`${server.url}/#/cook`);
      await page.locator('.recipe-card').waitFor();
      const lines = await texts(page, '.recipe-card .labelled:not(.first), .recipe-card .warning');
      assert.deepEqual(lines, [
        ...['모자란 재료 마늘 15ml 중 5.3ml', '없는 재료 간장', '확인하지 못한 재료: 당근 30g, 마법가루 2숟갈'],
      ]);
    }));

  test('particles by the last sound', () =>
    watched(browser, korean, async page => {
      await page.goto(server.url);
      const names = ['두부', '콩나물', '우유(저지방)', '두유 3', '두유 2', 'tofu'];
      const script = `import('/texts-ko.js').then(({ ko }) => ${JSON.stringify(names)}.map(ko.usedAll))`;
      assert.deepEqual(await inPage(page, script), [
        ...['두부를 다 썼어요.', '콩나물을 다 썼어요.', '우유(저지방)를 다 썼어요.'],
        ...['두유 3을 다 썼어요.', '두유 2를 다 썼어요.', 'tofu을(를) 다 썼어요.'],
      ]);
    }));

  test('a way on from a recipe that is not there, and from a lost connection', () =>
    watched(browser, english, async (page, refused) => {
      await atHome(page, [{ name: 'tofu' }]);
      await page.goto(`${server.url}/#/recipe/none`);
      await page.getByRole('heading', { name: 'There is no such recipe.' }).waitFor();
      await isUsable(page);
      await page.getByRole('link', { name: 'To my fridge', exact: true }).click();
      await page.locator('.items').waitFor();
      await page.route('**/api/**', route => route.abort('failed'));
      await page.getByRole('navigation').getByRole('link', { name: 'Cook' }).click();
      await page.getByRole('button', { name: 'Try again' }).waitFor();
      assert.equal(await inPage(page, `document.querySelector('.brand img').naturalWidth > 0`), true);
      await page.unroute('**/api/**');
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.locator('.recipe-card, .empty h2').first().waitFor();
      assert.deepEqual(new Set(refused), new Set(['404', 'ERR_FAILED']));
    }));
});
