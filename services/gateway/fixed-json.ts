import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';

/** Answers with a document that never changes in a process; it is serialized and compressed once. */
export function fixedJson(document: object): (req: IncomingMessage, res: ServerResponse) => void {
  const plain = Buffer.from(JSON.stringify(document));
  const hash = createHash('sha256').update(plain).digest('base64url').slice(0, 22);
  const forms = {
    identity: { bytes: plain, tag: `"${hash}"` },
    gzip: { bytes: gzipSync(plain, { level: 9 }), tag: `"${hash}-gzip"` },
  };
  return (req, res) => {
    const encoding = takesGzip(req.headers['accept-encoding']) ? 'gzip' : 'identity';
    const { bytes, tag } = forms[encoding];
    res.setHeader('ETag', tag);
    res.setHeader('Vary', 'Accept-Encoding');
    res.setHeader('Cache-Control', 'no-cache');
    if (isKnown(req.headers['if-none-match'], tag)) {
      res.writeHead(304).end();
      return;
    }
    if (encoding === 'gzip') res.setHeader('Content-Encoding', 'gzip');
    res.writeHead(200, { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': bytes.length });
    res.end(bytes);
  };
}

/** RFC 9110, 12.5.3: a weight of 0 means no. */
function takesGzip(header = ''): boolean {
  const weights = new Map(
    header.split(',').map(part => {
      const [coding = '', ...parameters] = part.split(';').map(text => text.trim().toLowerCase());
      const weight = parameters.find(parameter => parameter.startsWith('q='))?.slice('q='.length) ?? '1';
      return [coding, Number(weight)];
    }),
  );
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0;
}

/** RFC 9110, 13.1.2: tags are compared weakly. */
const isKnown = (header: string | undefined, tag: string): boolean =>
  header?.split(',').some(known => ['*', tag].includes(known.trim().replace(/^W\//, ''))) ?? false;
