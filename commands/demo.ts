import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Language } from '../domain/language.ts';
import { unitLabel } from '../domain/units.ts';
import { readConfig } from '../moleculer.config.ts';
import { boot } from '../platform/boot.ts';
import { messageOf, printable } from '../platform/printable.ts';
import { whileStarting } from '../platform/starting.ts';
import { loadServices } from '../services/index.ts';
import { seed } from '../services/recipes/seed.ts';

/**
 * `npm run demo`: walks through ZipBob's loop over HTTP, on a server and a data folder of its own, which last as long as
 * the demo. With ZIPBOB_URL it uses that server instead.
 */
const language = chosenLanguage();
/** The output contains answers of any server, so control characters are escaped. */
const print = (line: string) => console.log(printable(line));
const say = (ko: string, en: string) => print(language === 'ko' ? ko : en);
const FOOD = {
  ko: [
    { name: '신김치', amount: 500, unit: 'g' },
    { name: '두부', amount: 1, unit: '모' },
    { name: '돼지고기 목살', amount: 300, unit: 'g' },
    { name: '대파', amount: 2, unit: '대' },
    { name: '양파', amount: 2, unit: '개' },
  ],
  en: [
    { name: 'eggs', amount: 6, unit: 'pcs' },
    { name: 'baby spinach', amount: 200, unit: 'g' },
    { name: 'button mushrooms', amount: 8, unit: 'pcs' },
    { name: 'cheddar', amount: 200, unit: 'g' },
    { name: 'green onions', amount: 3, unit: 'pcs' },
    { name: 'milk', amount: 1, unit: 'l' },
    { name: 'butter', amount: 250, unit: 'g' },
  ],
};
const STATUS: Record<Language, Record<string, string>> = {
  ko: { fresh: '여유', due_soon: '기한 임박', overdue: '품질유지기한 지남', expired: '소비기한 지남' },
  en: { fresh: 'fresh', due_soon: 'due soon', overdue: 'past best-before', expired: 'past use-by' },
};
const AMOUNT = {
  ko: (unit: string) => unitLabel(unit, 'ko'),
  en: (unit: string) => (unit === 'piece' ? '' : ` ${unit}`),
};
const UNTIL = { ko: (date: string) => `${date}까지`, en: (date: string) => `until ${date}` };

/** `--lang ko|en`, by default Korean in a Korean terminal and English elsewhere. */
function chosenLanguage(): Language {
  const { lang } = parseArgs({ options: { lang: { type: 'string' } }, strict: false }).values;
  if (lang === 'ko' || lang === 'en') return lang;
  if (lang !== undefined) {
    console.error('usage: npm run demo -- [--lang ko|en]');
    process.exit(1);
  }
  const { LC_ALL, LC_MESSAGES, LANG } = process.env;
  return /^ko/i.test(LC_ALL || LC_MESSAGES || LANG || '') ? 'ko' : 'en';
}

interface Item {
  ingredientId: string;
  name: string;
  amount: number;
  unit: string;
  status: string;
  dueDate?: string;
}
interface Recommended {
  recipeId: string;
  version: number;
  title: string;
  coverage: number;
  explanation: string[];
}

async function walk(url: string): Promise<void> {
  let token = '';
  let position: string | undefined;
  async function call<T>(method: string, path: string, body?: object): Promise<T> {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        ...(body && { 'Content-Type': 'application/json' }),
        ...(token && { Authorization: `Bearer ${token}` }),
        ...(position && method === 'GET' && { 'Wait-For-Position': position }),
        'Accept-Language': language,
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    position = answer.headers.get('position') ?? position;
    const content = (await answer.json()) as T & { detail?: string };
    if (!answer.ok) throw new Error(printable(`${method} ${path}: ${answer.status} ${content.detail}`));
    return content;
  }
  const show = (items: readonly Item[]) => {
    for (const { name, amount, unit, dueDate, status } of items) {
      const much = `${Number(amount.toPrecision(3))}${AMOUNT[language](unit)}`;
      const until = dueDate ? `, ${UNTIL[language](dueDate)} (${STATUS[language][status]})` : '';
      print(`   ${name}: ${much}${until}`);
    }
  };

  const name = `demo-${Date.now().toString(36)}`;
  const account = { email: `${name}@example.org`, password: crypto.randomUUID(), nickname: name, language };
  token = (await call<{ accessToken: string }>('POST', '/auth/register', account)).accessToken;
  const { items: fridges } = await call<{ items: { fridgeId: string; name: string }[] }>('GET', '/fridges');
  const { fridgeId, name: fridge } = fridges[0]!;
  say(`1. 가입하니 냉장고가 생겼어요: ${fridge}`, `1. Registering opened a fridge: ${fridge}`);

  const at = `/fridges/${fridgeId}`;
  await call('POST', `${at}/ingredients`, { items: FOOD[language] });
  say('2. 장 본 것을 넣었어요. 기한은 저절로 정해져요:', '2. The shopping is stored; ZipBob filled in the due dates:');
  show((await call<{ items: Item[] }>('GET', `${at}/ingredients`)).items);

  const { recommendationId } = await call<{ recommendationId: string }>('POST', `${at}/recommendations`, { limit: 3 });
  let answer: { status: string; recipes: Recommended[] };
  do answer = await call('GET', `/recommendations/${recommendationId}`);
  while (answer.status === 'requested');
  say('3. 오늘 뭐 해 먹지?', '3. What can I cook tonight?');
  for (const { title, coverage, explanation } of answer.recipes) {
    print(`   ${title} (${Math.floor(coverage * 100)}%)`);
    for (const sentence of explanation) print(`     - ${sentence}`);
  }

  const { recipeId, version, title } = answer.recipes[0]!;
  const draft = await call<{ servings: number; deductions: Item[] }>('POST', `${at}/cookings/draft`, { recipeId });
  const { actionId } = await call<{ actionId: string }>('POST', `${at}/cookings`, {
    recipeId,
    version,
    servings: draft.servings,
    deductions: draft.deductions.map(({ ingredientId, amount, unit }) => ({ ingredientId, amount, unit })),
    recommendationId,
  });
  say(`4. ${title}, 요리했어요. 남은 것:`, `4. Cooked ${title}. What is left:`);
  show((await call<{ items: Item[] }>('GET', `${at}/ingredients`)).items);

  await call('POST', `${at}/undo`, { actionId });
  say('5. 되돌리니 그대로예요:', '5. Undone; everything is as before:');
  show((await call<{ items: Item[] }>('GET', `${at}/ingredients`)).items);
}

async function onOwnServer(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'zipbob-demo-'));
  try {
    // The demo has stores of its own, because its invented facts must not end up in real ones.
    const none = {
      EVENTSTORE_URL: undefined,
      MARIADB_URL: undefined,
      MARIADB_READ_URL: undefined,
      MARIADB_KEYS_URL: undefined,
      MONGODB_URL: undefined,
      REDIS_URL: undefined,
      NATS_URL: undefined,
    };
    const own = { ZIPBOB_DATA: folder, ZIPBOB_PORT: '0', ...none };
    const config = readConfig({ ...process.env, ...own });
    const node = await whileStarting(async starting => boot(config, await loadServices(config.services), starting));
    try {
      await seed(node.broker, print);
      await walk(node.address!);
    } finally {
      await node.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await (process.env.ZIPBOB_URL ? walk(process.env.ZIPBOB_URL) : onOwnServer());
  process.exit(0);
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}
