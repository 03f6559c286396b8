import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { isUsable, launch, skip, watched } from './support/browser.ts';
import { Client, PASSWORD } from './support/client.ts';
import { scratchFolder } from './support/programs.ts';
import { type Running, startZipBob } from './support/zipbob.ts';

/** The page in a real browser, as a household walks it. */

const phone = { locale: 'ko-KR', viewport: { width: 360, height: 780 }, hasTouch: true } as const;
const desktop = { locale: 'en-US', viewport: { width: 1280, height: 860 }, colorScheme: 'dark' } as const;

/** What the page says. */
const texts = {
  language: ['ko', 'en'],
  register: ['계정 만들기', 'Create account'],
  email: ['이메일', 'E-mail'],
  nickname: ['닉네임', 'Nickname'],
  password: ['비밀번호', 'Password'],
  login: ['로그인', 'Log in'],
  logout: ['로그아웃', 'Log out'],
  fridge: ['우리집 냉장고', 'Our fridge'],
  empty: ['냉장고가 비어 있어요', 'Your fridge is empty'],
  name: ['재료 이름', 'What is it?'],
  more: ['날짜·양·장소도 적기', 'Add date, amount, place'],
  due: ['기한', 'Due date'],
  amount: ['양', 'Amount'],
  unit: ['단위', 'Unit'],
  tofu: ['두부', 'Tofu'],
  egg: ['계란', 'Eggs'],
  kimchi: ['김치', 'Kimchi'],
  carrot: ['당근', 'Carrots'],
  piece: ['개', 'pcs'],
  noDate: ['날짜 없음', 'No date'],
  all: ['전체', 'All'],
  dueSoon: ['기한 임박', 'Due soon'],
  inTwoDays: ['2일 남음', '2 days left'],
  inTenDays: ['10일 남음', '10 days left'],
  two: ['2개', '2 pcs'],
  one: ['1개', '1 pc'],
  three: ['3모', '3 blocks'],
  useSome: ['조금 쓰기', 'Use some'],
  useAll: ['다 썼어요', 'Use all'],
  discard: ['버리기', 'Throw away'],
  correct: ['고치기', 'Correct'],
  use: ['썼어요', 'Use'],
  save: ['저장', 'Save'],
  left: ['1개 남았어요', '1 pc left'],
  undo: ['되돌리기', 'Undo'],
  undone: ['되돌렸어요.', 'Undone.'],
  disliked: ['입에 안 맞아요', 'Nobody likes it'],
  whatCanICook: ['오늘 뭐 해 먹지?', 'What can I cook?'],
  shopping: ['장을 보면 만들 수 있어요', 'Worth shopping for'],
  missing: ['소금', 'salt'],
  why: ['왜 이 요리인가요?', 'Why this one?'],
  because: ['없는 재료: ', 'Missing: '],
  view: ['레시피 보기', 'View recipe'],
  steps: ['만드는 법', 'Steps'],
  back: ['뒤로', 'Back'],
  cook: ['요리하기', 'Cook'],
  cooked: ['요리했어요', 'I cooked it'],
  enjoy: ['맛있게 드세요', 'enjoy!'],
  notLast: ['마지막에 한 일만', 'Only the very last action'],
  changed: ['다른 사람이', 'Somebody else'],
  unclear: ['날짜를 알아볼 수 없어요', 'This date is not clear'],
} satisfies Record<string, [string, string]>;
type Words = Record<keyof typeof texts, string>;
const [korean, english] = [0, 1].map(
  language => Object.fromEntries(Object.entries(texts).map(([key, words]) => [key, words[language]])) as Words,
) as [Words, Words];
const DISH = '채소 계란말이';

let folder: string;
let server: Running;
let browser: Browser;
const withPage = (options: BrowserContextOptions, work: (page: Page, refused: string[]) => Promise<void>) =>
  watched(browser, options, work);

let count = 0;
const newEmail = () => `web-${Date.now().toString(36)}-${count++}@example.org`;

async function register(page: Page, words: Words): Promise<string> {
  const email = newEmail();
  await page.goto(server.url);
  await page.getByLabel(words.email).fill(email);
  await page.getByLabel(words.nickname).fill(`cook${Date.now().toString(36)}${count++}`);
  await page.getByLabel(words.password, { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: words.register }).click();
  await page.getByRole('heading', { name: words.fridge, exact: true }).waitFor();
  return email;
}

const row = (page: Page, name: string) => page.getByRole('listitem').filter({ hasText: name });
const toast = (page: Page, text: string | RegExp) => page.locator('.toasts').getByText(text);
const verb = (page: Page, words: Words, action: string, name: string) =>
  page.getByRole('button', { name: words.language === 'ko' ? `${name} ${action}` : `${action}: ${name}`, exact: true });

async function add(page: Page, words: Words, name: string, details: Partial<Words> = {}) {
  const form = page.locator('form.quick-add');
  for (const [field, value] of Object.entries(details)) {
    await form.getByLabel(words[field as 'due'], { exact: true }).fill(String(value));
  }
  await form.getByLabel(words.name).fill(name);
  await form.getByLabel(words.name).press('Enter');
  await row(page, name).waitFor();
  assert.equal(await form.getByLabel(words.name).inputValue(), '');
}

async function walk(page: Page, words: Words): Promise<void> {
  const email = await register(page, words);
  assert.equal(await page.locator('html').getAttribute('lang'), words.language);
  await page.getByRole('heading', { name: words.empty }).waitFor();
  await isUsable(page);

  for (const name of [words.tofu, words.kimchi]) await add(page, words, name);
  await row(page, words.tofu).getByText(words.inTenDays).waitFor();
  if (await page.getByRole('button', { name: words.more }).isVisible()) {
    await page.getByRole('button', { name: words.more }).click();
  }
  await isUsable(page);
  await add(page, words, words.egg, { amount: '1', unit: words.piece });
  await add(page, words, words.carrot, { due: '+2d', amount: '2', unit: words.piece });
  await row(page, words.carrot).getByText(words.inTwoDays).waitFor();
  assert.match(await page.locator('.items > li').first().innerText(), new RegExp(words.carrot), 'first due first');
  await page.getByRole('button', { name: `${words.dueSoon} 1` }).click();
  await row(page, words.tofu).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: `${words.all} 4` }).click();
  await row(page, words.tofu).waitFor();

  await verb(page, words, words.useSome, words.carrot).click();
  await isUsable(page);
  await page.getByRole('dialog').getByRole('button', { name: words.use, exact: true }).click();
  await toast(page, words.left).waitFor();
  await row(page, words.carrot).getByText(words.one).waitFor();
  await page.getByRole('button', { name: words.undo }).click();
  await toast(page, words.undone).waitFor();
  await row(page, words.carrot).getByText(words.two).waitFor();

  await cookAndUndo(page, words);

  await verb(page, words, words.correct, words.tofu).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(words.amount, { exact: true }).fill('3');
  await dialog.getByLabel(words.due, { exact: true }).fill('soon');
  await isUsable(page);
  await dialog.getByRole('button', { name: words.save }).click();
  await dialog.locator('.error', { hasText: words.unclear }).waitFor();
  await dialog.getByLabel(words.due, { exact: true }).fill('x');
  await dialog.getByRole('button', { name: words.save }).click();
  await row(page, words.tofu).getByText(words.three).waitFor();
  await row(page, words.tofu).getByText(words.noDate).waitFor();

  await verb(page, words, words.discard, words.kimchi).click();
  await dialog.getByLabel(words.disliked).check();
  await isUsable(page);
  await dialog.getByRole('button', { name: words.discard }).click();
  await row(page, words.kimchi).waitFor({ state: 'detached' });

  await page.reload();
  await row(page, words.carrot).waitFor();
  await page.getByRole('button', { name: words.logout }).click();
  await page.getByLabel(words.email).fill(email);
  await page.getByLabel(words.password, { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: words.login }).click();
  await row(page, words.carrot).waitFor();
}

async function cookAndUndo(page: Page, words: Words): Promise<void> {
  await page.getByRole('main').getByRole('link', { name: words.whatCanICook }).click();
  await page.getByRole('heading', { name: words.shopping }).waitFor();
  const card = page.getByRole('article', { name: DISH });
  await card.getByRole('progressbar').waitFor();
  await card.getByText(words.missing).first().waitFor();
  await card.getByText(words.why).click();
  await card.getByText(words.because).waitFor();
  await isUsable(page);
  await card.getByRole('link', { name: words.view }).click();
  await page.getByRole('heading', { name: words.steps }).waitFor();
  await page.getByText('계란 5개').waitFor();
  await isUsable(page);
  await page.getByRole('link', { name: words.back }).click();

  await card.getByRole('button', { name: words.cook }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox', { name: words.carrot }).uncheck();
  await isUsable(page);
  await dialog.getByRole('button', { name: words.cooked }).click();
  await toast(page, words.enjoy).waitFor();
  await row(page, words.carrot).getByText(words.two).waitFor();
  assert.equal(await row(page, words.egg).count(), 0, 'the only egg is in the pan');
  await page.getByRole('button', { name: words.undo }).click();
  await row(page, words.egg).waitFor();
}

describe('the web page', { skip }, () => {
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

  test('walks the loop in Korean on a phone', () => withPage(phone, page => walk(page, korean)));
  test('walks the loop in English on a desktop', () => withPage(desktop, page => walk(page, english)));

  test('speaks the other language at a touch, and remembers it', () =>
    withPage(phone, async page => {
      await register(page, korean);
      await page.getByRole('button', { name: 'English' }).click();
      await page.getByRole('heading', { name: english.empty }).waitFor();
      await page.reload();
      await page.getByRole('heading', { name: english.empty }).waitFor();
      assert.equal(await page.locator('html').getAttribute('lang'), 'en');
    }));

  test('shows what is wrong at its field', () =>
    withPage(desktop, async (page, refused) => {
      await page.goto(server.url);
      await page.getByLabel('E-mail').fill('nobody');
      await page.getByLabel('Nickname').fill('x');
      await page.getByLabel('Password', { exact: true }).fill('short');
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.locator('[data-field=password]', { hasText: 'At least 8 characters, please.' }).waitFor();
      await page.locator('[data-field=email]', { hasText: 'This is not an e-mail address.' }).waitFor();
      assert.equal(await page.locator('[aria-invalid=true]').count(), 3);
      assert.deepEqual(refused, ['422']);
    }));

  test('says kindly that somebody was faster', () =>
    withPage(phone, async (page, refused) => {
      const email = await register(page, korean);
      await add(page, korean, korean.tofu);
      const other = new Client(server.url);
      other.token = (await other.post('/auth/login', { email, password: PASSWORD })).body.accessToken;
      const { fridgeId } = (await other.get('/fridges')).body.items[0];
      const { ingredientId } = (await other.get(`/fridges/${fridgeId}/ingredients`)).body.items[0];
      await other.patch(`/fridges/${fridgeId}/ingredients/${ingredientId}`, { amount: 2 });

      await page.getByRole('button', { name: korean.undo }).click();
      await toast(page, korean.notLast).waitFor();
      await row(page, korean.tofu).getByText('2모').waitFor();
      await other.patch(`/fridges/${fridgeId}/ingredients/${ingredientId}`, { amount: 3 });
      await verb(page, korean, korean.useAll, korean.tofu).click();
      await toast(page, korean.changed).waitFor();
      await row(page, korean.tofu).getByText(korean.three).waitFor();
      assert.deepEqual(refused, ['409', '412']);
    }));

  test('a lost answer does nothing twice, and an expired token is renewed', () =>
    withPage(desktop, async (page, refused) => {
      await register(page, english);
      const keys: (string | undefined)[] = [];
      await page.route('**/ingredients', async route => {
        if (route.request().method() !== 'POST') return route.continue();
        keys.push(route.request().headers()['idempotency-key']);
        if (keys.length > 1) return route.continue();
        await route.fetch();
        return route.abort('failed');
      });
      await add(page, english, english.tofu);
      assert.equal(keys.length, 2);
      assert.equal(keys[0], keys[1]);
      assert.equal(await row(page, english.tofu).count(), 1);

      const expired = { status: 401, title: 'Not authenticated', code: 'token-expired', traceId: 'x' };
      const sent: Record<string, string>[] = [];
      await page.route('**/consume', async route => {
        sent.push(route.request().headers());
        await (sent.length > 1 ? route.continue() : route.fulfill({ status: 401, json: expired }));
      });
      const renewed = page.waitForResponse('**/auth/refresh');
      const answered = page.waitForResponse(response => response.url().endsWith('/consume') && response.ok());
      const read = page.waitForRequest('**/ingredients?*');
      await verb(page, english, english.useAll, english.tofu).click();
      assert.equal((await renewed).status(), 200);
      const position = (await answered).headers().position;
      assert.equal((await read).headers()['wait-for-position'], position, 'a read has seen the command before it');
      await row(page, english.tofu).waitFor({ state: 'detached' });
      assert.equal(sent[0]!['idempotency-key'], sent[1]!['idempotency-key']);
      assert.match(sent[1]!['if-match']!, /^"\d+"$/);
      assert.deepEqual(refused, ['ERR_FAILED', '401']);
    }));

  test('understands dates as people type them', () =>
    withPage(desktop, async page => {
      await page.goto(server.url);
      const typed = ['+3d', '+2w', '+1m', '0131', '0130', '20270517', '202702e', '5/17', 'x', '', '0231', 'soon'];
      const read = `import('/due.js').then(({ readDue }) =>
        ${JSON.stringify(typed)}.map(text => { const due = readDue(text, '2027-01-31'); return due.date ?? due.is; }))`;
      assert.deepEqual(await page.evaluate(read), [
        ...['2027-02-03', '2027-02-14', '2027-02-28', '2027-01-31', '2028-01-30', '2027-05-17', '2027-02-28'],
        ...['2027-05-17', 'none', 'unset', 'unclear', 'unclear'],
      ]);
    }));
});
