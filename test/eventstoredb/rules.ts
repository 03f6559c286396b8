/** The expected state of the stream: the revision of its newest event, or one of three words. */
export type Expected = number | 'no_stream' | 'any' | 'stream_exists';

/** The decision: store it, or it is known up to that revision, or it is refused as `wrong-expected-version`. */
export type Verdict = 'store' | 'wrong' | { readonly known: number };

export interface Case {
  readonly expected: Expected;
  readonly ids: readonly string[];
  /** revision of the stream's newest event, -1 without a stream */
  readonly current: number;
  /** id of the stream's event at a revision, from the log */
  idAt(revision: number): string | undefined;
  /** revision of an id in this stream, if this process remembers it (golden 5) */
  remembered(id: string): number | undefined;
}

/** Decides on an append as EventStoreDB does (golden 1-3): ids count only if the expectation does not match. */
export function judge({ expected, ids, current, idAt, remembered }: Case): Verdict {
  if (expected === 'stream_exists' && current < 0) return 'wrong';
  if (expected === 'any' || expected === 'stream_exists') return judgeByMemory(ids, remembered);
  const revision = expected === 'no_stream' ? -1 : expected;
  if (revision === current) return 'store';
  const isKnown = ids.length > 0 && ids.every((id, n) => idAt(revision + 1 + n) === id);
  return isKnown ? { known: revision + ids.length } : 'wrong';
}

/** Without an expected revision the first id decides; a known id followed by a new one is refused. */
function judgeByMemory(ids: readonly string[], remembered: Case['remembered']): Verdict {
  const revisions = ids.map(remembered);
  if (revisions[0] === undefined) return 'store';
  const known = revisions.at(-1);
  return known === undefined || revisions.includes(undefined) ? 'wrong' : { known };
}
