import type { Readable } from 'node:stream';

export interface TextLine {
  readonly text: string;
  /** whether it ends with a line feed; false only for the last one */
  readonly isEnded: boolean;
}

/**
 * The lines of a UTF-8 stream. readline would also break lines at characters that JSON does not escape (U+2028).
 * @param longest characters; of a longer line only the beginning is returned, as the last line
 * @throws errors of the stream
 */
export async function* linesOf(content: Readable, longest = Number.POSITIVE_INFINITY): AsyncGenerator<TextLine> {
  content.setEncoding('utf8');
  let rest = '';
  for await (const chunk of content as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const text of lines) yield { text, isEnded: true };
    if (rest.length > longest) break;
  }
  if (rest !== '') yield { text: rest, isEnded: false };
}
