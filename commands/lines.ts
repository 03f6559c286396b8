import type { Readable } from 'node:stream';

/** Splits at line feeds only. readline also splits at characters that JSON allows in texts, such as U+2028. */
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
