import type { IncomingMessage, ServerResponse } from 'node:http';
import { MIMEType } from 'node:util';
import { Problem } from '../../platform/problem.ts';
import type { Route } from '../../platform/route.ts';

const LIMIT = 512 * 1024;
/** limit without a token: an e-mail, a password, a nickname */
const PUBLIC_LIMIT = 16 * 1024;

const JSON_TYPE = /^application\/(.+\+)?json$/;

/**
 * The parsed body of a request; undefined if it has none. Call it after checking the token: until then no part of a
 * body is kept.
 * @throws Problem 400 `malformed`, `malformed-json`; 413 `too-large`; 415 `unsupported-media-type`
 */
export async function readBody(req: IncomingMessage, res: ServerResponse, { access }: Route): Promise<unknown> {
  const { 'content-length': length, 'transfer-encoding': transfer } = req.headers;
  if (transfer === undefined && Number(length ?? 0) === 0) return undefined;
  const limit = access === 'public' ? PUBLIC_LIMIT : LIMIT;
  if (Number(length ?? 0) > limit) throw tooLarge(limit);
  requireJson(req);
  const bytes = await received(req, res, limit);
  return bytes.length === 0 ? undefined : parsed(bytes);
}

/** @throws Problem 415 */
function requireJson({ headers }: IncomingMessage): void {
  const { essence, charset } = typeOf(headers['content-type']);
  if (!JSON_TYPE.test(essence)) throw unsupported('the body must be application/json');
  if (!['utf-8', 'utf8'].includes(charset.toLowerCase())) throw unsupported('the body must be UTF-8');
  if ((headers['content-encoding'] ?? 'identity').toLowerCase() !== 'identity') {
    throw unsupported('the body must not be compressed');
  }
}

function typeOf(header = ''): { essence: string; charset: string } {
  try {
    const { essence, params } = new MIMEType(header);
    return { essence, charset: params.get('charset') ?? 'utf-8' };
  } catch {
    return { essence: '', charset: '' };
  }
}

/** Bytes beyond the limit are discarded on arrival; `requestTimeout` of the server limits the time. */
async function received(req: IncomingMessage, res: ServerResponse, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const cutOff = () => reject(new Problem(400, 'malformed', 'the body ended too soon'));
  req.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) {
      chunks.push(chunk);
      return;
    }
    chunks.length = 0;
    reject(tooLarge(limit));
  });
  req.on('end', () => resolve(Buffer.concat(chunks)));
  req.on('error', cutOff);
  req.on('close', cutOff);
  if (req.headers.expect !== undefined) res.writeContinue();
  return await promise;
}

/** JSON in UTF-8, without its byte order mark. */
function parsed(bytes: Buffer): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Problem(400, 'malformed-json', 'the body is not UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new Problem(400, 'malformed-json', 'the body is not valid JSON');
  }
}

const tooLarge = (limit: number) =>
  new Problem(413, 'too-large', `the body is too large: it may have ${limit / 1024} KiB`);

const unsupported = (detail: string) => new Problem(415, 'unsupported-media-type', detail);
