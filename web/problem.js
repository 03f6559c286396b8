import { amountText } from './format.js';
import { t } from './texts.js';

/** An error that the server explained (RFC 9457). */
export class Problem extends Error {
  /** @param {number} status @param {Record<string, any>} document */
  constructor(status, document) {
    super(document.detail ?? document.title ?? '');
    this.status = status;
    /** @type {string} */
    this.code = document.code ?? 'internal';
    /** @type {string | undefined} */
    this.traceId = document.traceId;
    /** @type {{ path: string, message: string }[]} */
    this.errors = document.errors ?? [];
    /** @type {{ amount: number, unit: string } | undefined} what there is, where more was asked for */
    this.available = document.available;
  }
}

/** No answer came: what was asked for may have been done or not. */
export class Offline extends Error {}

/**
 * Says an error in the language of the page; with the trace id where only the operator can help.
 * @param {unknown} error
 */
export function explain(error) {
  const { problems } = t();
  if (error instanceof Offline) return problems.offline;
  if (!(error instanceof Problem)) {
    console.error(error);
    return problems.internal;
  }
  if (error.code === 'not-enough' && error.available) {
    return t().notEnough(amountText(error.available.amount, error.available.unit));
  }
  const fallback =
    error.status === 503 ? problems.unavailable : error.status >= 500 ? problems.internal : error.message;
  const text = /** @type {Record<string, string>} */ (problems)[error.code] ?? fallback;
  return error.status >= 500 && error.traceId ? `${text} ${t().traceId(error.traceId)}` : text;
}

/** What is wrong with a field, as the server said it, in the language of the page. @param {string} message */
export function explainField(message) {
  for (const [pattern, text] of t().fieldProblems) {
    const found = message.match(pattern);
    if (found) return text.replace('$1', found[1] ?? '');
  }
  return message;
}
