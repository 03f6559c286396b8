import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const WAIT_MS = 10_000;

/** What other processes may know of the one that runs on a data folder. */
export interface ServerInfo {
  readonly pid: number;
  readonly address?: string;
}

export interface DataFolder {
  announce(info: ServerInfo): void;
  release(): void;
}

/**
 * Makes the folder, for its owner only, and takes it for this process. The lock is one that the system gives back
 * however the process ends.
 * @throws Error that says who holds it, after ten seconds
 */
export function takeDataFolder(folder: string): DataFolder {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  const infoFile = join(folder, 'server.json');
  const lock = new DatabaseSync(join(folder, 'lock.db'), { timeout: WAIT_MS });
  try {
    lock.exec('BEGIN EXCLUSIVE');
  } catch {
    lock.close();
    throw new Error(`the data folder ${folder} is in use by ${holder(infoFile)}`);
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

function holder(infoFile: string): string {
  try {
    const { pid, address } = JSON.parse(readFileSync(infoFile, 'utf8')) as ServerInfo;
    return `process ${pid}${address ? `, which serves ${address}` : ''}`;
  } catch {
    return 'another process';
  }
}
