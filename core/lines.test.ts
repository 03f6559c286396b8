import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { linesOf } from './lines.ts';

const streamOf = (text: string, size: number): Readable => {
  const bytes = Buffer.from(text);
  const count = Math.ceil(bytes.length / size);
  return Readable.from(Array.from({ length: count }, (_, n) => bytes.subarray(n * size, (n + 1) * size)));
};

/** Each line; one without its line feed ends with an ellipsis. */
async function linesIn(content: Readable, longest?: number): Promise<string[]> {
  const lines: string[] = [];
  for await (const { text, isEnded } of linesOf(content, longest)) lines.push(isEnded ? text : `${text}…`);
  return lines;
}

test('only line feeds end a line, however the bytes are cut into chunks', async () => {
  const lines = ['{"a":1}', '', '우유 1L', 'one\u2028line', 'carriage\r', '🍅'];
  for (const size of [1, 2, 3, 7, 1000]) {
    assert.deepEqual(await linesIn(streamOf(`${lines.join('\n')}\n`, size)), lines, `chunks of ${size}`);
    assert.deepEqual(await linesIn(streamOf(`${lines.join('\n')}\nrest`, size)), [...lines, 'rest…']);
  }
  assert.deepEqual(await linesIn(streamOf('', 1)), []);
});

test('a line that is longer than the longest allowed is cut off, and nothing comes after it', async () => {
  const content = streamOf(`one\n${'x'.repeat(1000)}\ntwo\n`, 10);
  assert.deepEqual(await linesIn(content, 100), ['one', `${'x'.repeat(106)}…`]);
  assert.equal(content.destroyed, true);
});

test('an error of the stream is thrown, after the lines before it', async () => {
  async function* broken() {
    yield 'one\ntw';
    throw new Error('the disk is gone');
  }
  const lines: string[] = [];
  const read = async () => {
    for await (const { text } of linesOf(Readable.from(broken(), { objectMode: false }))) lines.push(text);
  };
  await assert.rejects(read(), { message: 'the disk is gone' });
  assert.deepEqual(lines, ['one']);
});
