export interface LeftOut {
  readonly files: readonly string[];
  readonly steps: readonly string[];
  readonly reason: string;
}

const DELETED_BATCH_AND_UNARY = [
  'three events',
  'refused: delete at the wrong revision',
  'delete at revision 2',
  'read: not found',
  'delete again, any',
  'append expecting the old revision',
  'delete once more, any',
  'append expecting none',
  'refused: the same again, expecting none (not idempotent after a delete)',
  'an id from before the delete, expecting none',
  'an id from before the delete, any',
  'the stream',
  'backwards',
  'from revision 0',
  'its metadata',
  '$all still shows its deleted events',
  'delete a stream that never was, any',
  'delete a stream that never was, stream exists',
  'append to it, expecting none',
  'tombstone',
  'read after tombstone',
  'append after tombstone',
];

/** Recorded steps that are not replayed, by name, and why. */
export const LEFT_OUT: readonly LeftOut[] = [
  {
    files: ['delete-batch', 'delete-unary'],
    steps: DELETED_BATCH_AND_UNARY,
    reason: 'the log is append-only: our adapter never deletes a stream, so Delete and Tombstone are not served',
  },
  {
    files: ['subscribe-stream'],
    steps: [
      'from the start, then one live event',
      'from revision 0 (exclusive)',
      'a stream that does not exist yet, then does',
      'deleted while subscribed, then appended',
      'tombstoned while subscribed',
    ],
    reason: 'our adapter follows $all only: a subscription to one stream is not served',
  },
  {
    files: ['not-ready'],
    steps: ['delete'],
    reason: 'Delete is not served, as above',
  },
  {
    files: ['read-all'],
    steps: ['kinds of system events in $all'],
    reason: 'half of the kinds come from deletes; that $metadata shows in $all is in server.full.ts',
  },
];

/** The reason for leaving out a step, if it is left out. */
export const reasonFor = (file: string, step: string): string | undefined =>
  LEFT_OUT.find(({ files, steps }) => files.includes(file) && steps.includes(step))?.reason;
