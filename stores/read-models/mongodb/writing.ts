import type { Collection } from 'mongodb';
import type { Connection } from './connection.ts';
import type { RowDocument } from './documents.ts';

/**
 * Rows of one command, which stays within the time of an operation. FerretDB 1.24 keeps a connection to PostgreSQL for
 * each row that a command replaces, until its end: it hangs where its pool is smaller.
 */
const CHUNK = 100;

type Rows = Collection<RowDocument>;

/**
 * Writes each document where the stored one is older.
 *
 * An upsert whose filter finds nothing inserts, so a duplicate key may mean that a newer row is there, or that another
 * writer has just inserted an older one. Other errors leave it open whether a document was written, and servers differ
 * in whether they try those after it. So after any error the positions are read again, and what is not there yet is sent
 * again.
 * @throws Unavailable; any other error where a row is too large
 */
export async function writeRows(connection: Connection, rows: Rows, documents: readonly RowDocument[]): Promise<void> {
  for (let start = 0; start < documents.length; start += CHUNK) {
    let missing = documents.slice(start, start + CHUNK);
    await connection.persist(async attempt => {
      if (attempt > 1) missing = await older(rows, missing);
      if (missing.length > 0) await rows.bulkWrite(missing.map(guarded), { ordered: false });
    });
  }
}

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
