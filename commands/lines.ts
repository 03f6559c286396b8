import type { Readable } from 'node:stream';

/** Not by readline, which also breaks lines at characters that JSON leaves as they are (U+2028). */
export async function* linesOf(content: Readable): AsyncGenerator<string> {
  content.setEncoding('utf8');
  let rest = '';
  for await (const chunk of content as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== '') yield rest;
}
