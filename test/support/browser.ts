import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';
const HOW_TO = `no ${CHROMIUM} on this machine: apt-get install chromium fonts-noto-cjk`;
/** The reason to skip the tests of the page, if there is one. */
export const skip = existsSync(CHROMIUM) ? false : HOW_TO;
if (skip) console.error(`NOT TESTED, the web page: ${HOW_TO}`);

export const launch = (): Promise<Browser> => chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });

/** A page that fails the test on any complaint. @param refused collects the refusals that a test provokes */
export async function watched(
  browser: Browser,
  options: BrowserContextOptions,
  work: (page: Page, refused: string[]) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const wrong: string[] = [];
  const refused: string[] = [];
  page.on('pageerror', error => wrong.push(String(error.stack)));
  page.on('console', message => {
    const status = message.text().match(/^Failed to load resource: .*\b(4\d\d|ERR_FAILED)\b/)?.[1];
    if (status) refused.push(status);
    else if (['error', 'warning'].includes(message.type())) wrong.push(message.text());
  });
  await page.addInitScript(
    "addEventListener('securitypolicyviolation', event => console.error(event.violatedDirective))",
  );
  try {
    await work(page, refused);
    assert.deepEqual(wrong, []);
  } finally {
    await context.close();
  }
}

/** Asserts that nothing overflows, every control is large enough for a thumb, and every field has a name. */
export async function isUsable(page: Page): Promise<void> {
  const faults = await page.evaluate(`[
    ...(document.documentElement.scrollWidth > innerWidth ? ['wider than the window'] : []),
    ...[...document.querySelectorAll('button, a, select, summary, label:has(> input), input:not(.picker)')]
      .filter(element => element.checkVisibility() && !element.closest('.skip, label:has(> input) input'))
      .filter(element => element.matches('label:has(> input)') || !element.closest('label'))
      .filter(element => element.getBoundingClientRect().height < 47.5)
      .map(element => 'small: ' + element.outerHTML.slice(0, 120)),
    ...[...document.querySelectorAll('input:not(.picker), select, textarea')]
      .filter(input => input.labels.length === 0 && !input.ariaLabel)
      .map(input => 'without a label: ' + input.outerHTML.slice(0, 120)),
    ...[...document.querySelectorAll('[style], [onclick]')].map(element => 'inline: ' + element.outerHTML.slice(0, 120)),
  ]`);
  assert.deepEqual(faults, []);
}
