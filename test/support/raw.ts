import { once } from 'node:events';
import { connect } from 'node:net';
import type { Reply } from './client.ts';

/** Sends raw bytes, which may be malformed, and reads the one answer. The request needs `Connection: close`. */
export async function sendRaw(url: string, text: string | Uint8Array): Promise<Reply> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const chunks: Buffer[] = [];
  socket.on('data', data => chunks.push(data));
  socket.write(text);
  await once(socket, 'close');
  return parse(Buffer.concat(chunks).toString());
}

function parse(answer: string): Reply {
  const [head = '', ...rest] = answer.split('\r\n\r\n');
  const [statusLine = '', ...lines] = head.split('\r\n');
  const headers = new Headers(lines.map(line => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]));
  const content = rest.join('\r\n\r\n');
  const text = headers.get('transfer-encoding') === 'chunked' ? unchunked(content) : content;
  const isJson = text !== '' && headers.get('content-type')?.includes('json');
  return { status: Number(statusLine.split(' ')[1]), headers, body: isJson ? JSON.parse(text) : text };
}

function unchunked(content: string): string {
  const bytes = Buffer.from(content);
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf('\r\n', at);
    const size = Number.parseInt(bytes.subarray(at, end).toString(), 16);
    if (!size) break;
    parts.push(bytes.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(parts).toString();
}

/** A complete request, with the length of its body. */
export const request = (line: string, headers: readonly string[] = [], body = ''): string =>
  [
    `${line} HTTP/1.1`,
    'Host: localhost',
    'Connection: close',
    ...headers,
    ...(body === '' ? [] : [`Content-Length: ${Buffer.byteLength(body)}`]),
    '',
    body,
  ].join('\r\n');
