import type { Readable } from 'node:stream';

export interface TextLine {
  readonly text: string;
  /** it ends with a line feed; false only of the last one */
  readonly isEnded: boolean;
}

/**
 * The lines of a UTF-8 stream. Not by readline, which also breaks lines at characters that JSON leaves as they are
 * (U+2028).
 * @param longest characters; of a longer line the beginning is the last that comes
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
