import { setTimeout } from 'node:timers/promises';
import { type Collection, MongoBulkWriteError } from 'mongodb';
import { isAway } from '../../../core/errors.ts';
import { type Connection, DUPLICATE_KEY } from './connection.ts';
import type { RowDocument } from './documents.ts';

/**
 * Rows of one command, which stays within the time of an operation. FerretDB 1.24 keeps a connection to PostgreSQL for
 * each row that a command replaces, until its end: it hangs where its pool is smaller.
 */
const CHUNK = 100;
const ATTEMPTS = 8;
const FIRST_PAUSE_MS = 20;

type Rows = Collection<RowDocument>;

/** @throws Unavailable; any other error where a row is too large */
export async function writeRows(connection: Connection, rows: Rows, documents: readonly RowDocument[]): Promise<void> {
  for (let start = 0; start < documents.length; start += CHUNK) {
    await writeChunk(connection, rows, documents.slice(start, start + CHUNK));
  }
}

/**
 * Writes each document where the stored one is older. An upsert whose filter finds nothing inserts, so a duplicate key
 * may mean that a newer row is there, or that another writer has just inserted an older one. Other errors leave it open
 * whether a document was written, and servers differ in whether they try those after it. So after any error the
 * positions are read again, and what is not there yet is sent again.
 */
async function writeChunk(connection: Connection, rows: Rows, documents: readonly RowDocument[]): Promise<void> {
  let missing = documents;
  for (let attempt = 1; missing.length > 0; attempt++) {
    let onlyDuplicates = false;
    try {
      await connection.ask(() =>
        rows.bulkWrite(missing.map(guarded), { ordered: false }).catch(error => {
          onlyDuplicates = isOnlyDuplicates(error);
          throw error;
        }),
      );
      return;
    } catch (error) {
      if (!isAway(error) || attempt === ATTEMPTS) throw error;
    }
    if (!onlyDuplicates) await pause(attempt);
    missing = await connection.ask(() => older(rows, missing));
  }
}

/** Writes a document where the stored one is older, or none is there. */
const guarded = (replacement: RowDocument) => ({
  replaceOne: {
    filter: { _id: replacement._id, position: { $lt: replacement.position } },
    replacement,
    upsert: true,
  },
});

/** Those of the documents that the collection has not seen: its own are older, or missing. */
async function older(rows: Rows, documents: readonly RowDocument[]): Promise<RowDocument[]> {
  const ids = documents.map(({ _id }) => _id);
  const positions = new Map<string, number>();
  for await (const { _id, position } of rows.find({ _id: { $in: ids } }, { projection: { position: 1 } })) {
    positions.set(_id, position);
  }
  return documents.filter(({ _id, position }) => (positions.get(_id) ?? -1) < position);
}

function isOnlyDuplicates(error: unknown): boolean {
  if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) return false;
  return error.result.getWriteErrors().every(({ code }) => code === DUPLICATE_KEY);
}

const pause = (attempt: number): Promise<void> => setTimeout(FIRST_PAUSE_MS * 2 ** attempt * (0.5 + Math.random() / 2));
