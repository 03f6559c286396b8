import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makePrivate } from '../stores/sqlite.ts';

const WAIT_MS = 10_000;
const INFO_FILE = 'server.json';
const LOCK_FILE = 'lock.db';
/** SQLite's code for a lock held elsewhere */
const BUSY = 5;

/** Information about the process that uses a data folder, for other processes. */
export interface ServerInfo {
  readonly pid: number;
  readonly address?: string;
  /** lets programs of the same user act as the operator, through the server */
  readonly token?: string;
}

export interface DataFolder {
  announce(info: ServerInfo): void;
  release(): void;
}

/**
 * Creates the folder for its owner only, and locks it for this process. The system releases the lock however the
 * process ends.
 * @throws Error that names the holder, after ten seconds
 */
export function takeDataFolder(folder: string, waitMs = WAIT_MS): DataFolder {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const infoFile = join(folder, INFO_FILE);
  const lockFile = join(folder, LOCK_FILE);
  makePrivate(lockFile);
  const lock = new DatabaseSync(lockFile, { timeout: waitMs });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    const isBusy = (error as { errcode?: number }).errcode === BUSY;
    const why = isBusy
      ? `is in use by ${holder(folder)}`
      : `cannot be locked (${lockFile}): ${(error as Error).message}`;
    throw new Error(`the data folder ${folder} ${why}`);
  }
  const announce = (info: ServerInfo) => {
    writeFileSync(`${infoFile}.new`, JSON.stringify(info), { mode: 0o600 });
    renameSync(`${infoFile}.new`, infoFile);
  };
  announce({ pid: process.pid });
  return {
    announce,
    release() {
      rmSync(infoFile, { force: true });
      lock.close();
    },
  };
}

/** Information about the process on a data folder; it may have been killed. */
export function serverInfo(folder: string): ServerInfo | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, INFO_FILE), 'utf8')) as ServerInfo;
  } catch {
    return undefined;
  }
}

function holder(folder: string): string {
  const info = serverInfo(folder);
  if (!info) return 'another process';
  return `process ${info.pid}${info.address ? `, which serves ${info.address}` : ''}`;
}
