import { createReadStream, createWriteStream, existsSync, renameSync, rmSync } from 'node:fs';
import { pipeline, Readable } from 'node:stream';
import { pipeline as piped } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Happened } from './fact.ts';
import { linesOf } from './lines.ts';
import { Chain, notHeld, type Origin, OURS, type Progress, type Summary } from './log-copy.ts';
import { logFamily } from './log-identity.ts';

/** A log in a file: gzipped JSON lines. The header, then the facts in order, then their number and hash chain. */
const FORMAT = 'zipbob-log';
const VERSION = 1;
/** An append holds at most 512 KiB, and JSON may need six characters for one byte. */
const LONGEST_LINE = 4 * 1024 * 1024;

interface Header {
  readonly format: string;
  readonly version: number;
  readonly logId: string;
  readonly keyStore: string;
}

/**
 * Writes all facts to a new file for its owner only. It gets its name once it is complete and durable.
 * @throws Error if the file exists or cannot be written
 */
export async function writeLogFile(file: string, origin: Origin, onProgress: Progress = () => {}): Promise<Summary> {
  if (existsSync(file)) throw new Error(`${file} exists: it is not overwritten`);
  const part = `${file}.part`;
  const chain = new Chain();
  async function* lines() {
    const { logId, keyStore } = origin;
    yield line({ format: FORMAT, version: VERSION, logId, keyStore } satisfies Header);
    for await (const stored of origin.facts()) {
      chain.add(stored);
      const { stream, revision, id, type, data, meta } = stored;
      yield line({ stream, revision, id, type, data, meta });
      onProgress('written', chain.summary.count);
    }
    yield line(chain.summary);
  }
  try {
    rmSync(part, { force: true });
    const output = createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true });
    await piped(Readable.from(lines()), createGzip(), output);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
  return chain.summary;
}

const line = (value: object): string => `${JSON.stringify(value)}\n`;

/**
 * Reads the whole file first, so that no fact is taken from an incomplete one.
 * @throws Error for the operator if it is cut off, damaged, of a newer release, or not a log
 */
export async function readLogFile(file: string, onProgress: Progress = () => {}): Promise<Origin & Summary> {
  const found: Found = {};
  let count = 0;
  for await (const _ of factsIn(file, found)) onProgress('checked', ++count);
  return {
    logId: found.header!.logId,
    keyStore: found.header!.keyStore,
    ...found.summary!,
    async *facts(last) {
      let isAfter = last === undefined;
      for await (const stored of factsIn(file, {})) {
        if (isAfter) yield stored;
        else isAfter = stored.id === last!.id && stored.stream === last!.stream && stored.revision === last!.revision;
      }
      if (!isAfter) throw notHeld(last!);
    },
    unmoved: async () => {},
  };
}

/** Header and trailer around the facts. */
interface Found {
  header?: Header;
  summary?: Summary;
}

/** @throws Error if anything in the file has changed since it was written */
async function* factsIn(file: string, found: Found): AsyncGenerator<Happened> {
  const revisions = new Map<string, number>();
  const chain = new Chain();
  let number = 0;
  for await (const text of unpacked(file)) {
    number++;
    const value = parsed(text);
    if (!found.header) {
      found.header = headerOf(file, value);
      continue;
    }
    const wrong = (why: string) => new Error(`${file} is damaged, line ${number}: ${why}`);
    if (found.summary) throw wrong('it goes on after its end');
    if (isSummary(value)) {
      found.summary = value;
      continue;
    }
    if (!isFact(value)) throw wrong('this is no fact');
    const { stream, revision } = value;
    const next = revisions.get(stream) ?? 0;
    if (revision !== next) throw wrong(`${stream} goes on with revision ${revision} instead of ${next}`);
    revisions.set(stream, next + 1);
    chain.add(value);
    yield value;
  }
  if (!found.header) throw foreign(file);
  if (!found.summary) throw cutOff(file);
  const { count, hash } = chain.summary;
  if (found.summary.count !== count) {
    throw new Error(`${file} is damaged: it holds ${count} facts, and says that it holds ${found.summary.count}`);
  }
  if (found.summary.hash !== hash) throw new Error(`${file} is damaged: its facts were changed after it was written`);
}

const foreign = (file: string) => new Error(`${file} is no log that was exported by ZipBob`);
const cutOff = (file: string) => new Error(`${file} is cut off: its end is missing. Export it again`);

/** @throws Error if the file cannot be read, is damaged, or does not end with a line feed */
async function* unpacked(file: string): AsyncGenerator<string> {
  const content = pipeline(createReadStream(file), createGunzip(), () => {});
  let isOurs = false;
  try {
    for await (const { text, isEnded } of linesOf(content, LONGEST_LINE)) {
      if (!isEnded) throw isOurs && text.length <= LONGEST_LINE ? cutOff(file) : foreign(file);
      yield text;
      isOurs = true;
    }
  } catch (error) {
    throw translated(file, error, isOurs);
  }
}

/** Errors of the file system and gzip, in words for the operator. */
function translated(file: string, error: unknown, isOurs: boolean): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  if (syscall) return new Error(`${file} cannot be read: ${message}`);
  if (code === 'Z_BUF_ERROR') return cutOff(file);
  if (!code?.startsWith('Z_')) return error;
  return isOurs ? new Error(`${file} is damaged: ${message}`) : foreign(file);
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws Error if it is not ours, or of a newer release */
function headerOf(file: string, value: Record<string, unknown>): Header {
  const { format, version, logId, keyStore } = value;
  if (format !== FORMAT || typeof version !== 'number') throw foreign(file);
  if (version > VERSION) {
    throw new Error(`${file} was written by a newer release (format ${version}, this one reads ${VERSION})`);
  }
  if (typeof logId !== 'string' || typeof keyStore !== 'string') throw foreign(file);
  return { format, version, logId, keyStore };
}

const isSummary = (value: object): value is Summary =>
  'count' in value && typeof value.count === 'number' && 'hash' in value && typeof value.hash === 'string';

const isFact = (value: Record<string, unknown>): value is Record<string, unknown> & Happened =>
  typeof value.stream === 'string' &&
  OURS.test(value.stream) &&
  value.stream !== logFamily.name &&
  typeof value.revision === 'number' &&
  typeof value.id === 'string' &&
  typeof value.type === 'string' &&
  'data' in value &&
  isObject(value.meta);
