import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { hangUp, listen } from './listen.ts';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const LIMIT_MS = 8000;

interface Stage {
  readonly server: Server;
  /** a client that reads, unless told to leave that */
  client(text: string | Uint8Array, reads?: boolean): Promise<Client>;
}

interface Client {
  readonly socket: Socket;
  /** what came so far */
  readonly got: string;
  /** everything, once the server has closed the connection */
  readonly all: Promise<string>;
  until(found: (got: string) => boolean): Promise<void>;
}

async function stage(
  t: TestContext,
  handle: RequestListener,
  limits: { maxConnections?: number; stallMs?: number } = {},
) {
  const server = await listen(handle, { host: '127.0.0.1', port: 0, maxConnections: 1000, ...limits });
  const clients: Socket[] = [];
  t.after(async () => {
    for (const socket of clients) socket.destroy();
    await hangUp(server);
  });
  const { port } = server.address() as AddressInfo;
  const made: Stage = {
    server,
    async client(text, reads = true) {
      const socket = connect(port, '127.0.0.1');
      clients.push(socket);
      socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error('nothing came')));
      const chunks: Buffer[] = [];
      const got = () => Buffer.concat(chunks).toString('latin1');
      socket.on('error', () => {});
      if (reads) socket.on('data', chunk => chunks.push(chunk));
      await once(socket, 'connect');
      socket.write(text);
      return {
        socket,
        get got() {
          return got();
        },
        all: once(socket, 'close').then(got),
        async until(found) {
          while (!found(got())) await once(socket, 'data');
        },
      };
    },
  };
  return made;
}

/** Status of each answer, in order. */
const statuses = (text: string): number[] => [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, code]) => Number(code));

/** An answer that no buffer between server and client takes in. */
const LARGE = Buffer.alloc(32 * 1024 * 1024, 'x');

test('requests of many connections begin one in each turn of the event loop, and who asks for life goes first', async t => {
  const order: { url: string; turn: number }[] = [];
  let turn = 0;
  const count = () => {
    turn++;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  t.after(() => clearImmediate(counting));
  const { client, server } = await stage(t, ({ url }, res) => {
    order.push({ url: url!, turn });
    if (url !== '/livez') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2); // as one that is answered from a file
    res.end('answered');
  });
  const urls = [...Array.from({ length: 60 }, (_, n) => `/page-${n}`), '/livez'];
  const clients = await Promise.all(urls.map(() => client('')));
  const accepted = promisify(server.getConnections.bind(server));
  while ((await accepted()) < urls.length) await new Promise(setImmediate);
  for (const [n, { socket }] of clients.entries()) socket.write(`GET ${urls[n]} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await Promise.all(clients.map(({ until }) => until(got => got.endsWith('answered'))));
  const pages = order.filter(({ url }) => url !== '/livez').map(one => one.turn);
  assert.equal(new Set(pages).size, 60);
  assert.ok(order.findIndex(({ url }) => url === '/livez') < 60, 'it was answered last');
});

describe('requests that come all at once on one connection', () => {
  test('are answered one after the other, in order, each once its client has taken the one before', async t => {
    let [atOnce, most, count] = [0, 0, 0];
    const { client } = await stage(t, (_req, res) => {
      most = Math.max(most, ++atOnce);
      setImmediate(() => res.end(`<${count++}>`));
      res.on('finish', () => atOnce--);
    });
    const { until } = await client(GET.repeat(1666));
    const { all } = await client(`${GET.repeat(1665)}GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const text = await all;
    assert.equal(statuses(text).length, 1666);
    await until(text => statuses(text).length === 1666);
    assert.ok(most <= 2, `${most} at once on two connections`);
  });

  test('from a client that does not read make one answer, and others are served', async t => {
    let large = 0;
    const { client } = await stage(t, (req, res) => {
      if (req.url === '/') large++;
      res.end(req.url === '/' ? LARGE : 'small');
    });
    const attackers = await Promise.all(Array.from({ length: 6 }, () => client(GET.repeat(1666), false)));
    for (let round = 0; round < 20; round++) {
      const { all } = await client('GET /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      assert.deepEqual(statuses(await all), [200]);
    }
    assert.equal(large, attackers.length);
  });

  test('are not read while some wait', async t => {
    const sockets: Socket[] = [];
    const { client } = await stage(t, req => void sockets.push(req.socket));
    // More than the buffers of the system take: it can only be sent when the server reads.
    const { socket } = await client(GET.repeat(2_000_000), false);
    for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
    assert.equal(sockets.length, 1);
    assert.ok(socket.writableLength > 0);
    sockets[0]!.destroy();
  });
});

describe('a client that takes nothing of its answer', () => {
  test('is cut off; one that waits for an answer, or for more of a stream, is not', async t => {
    const waiting: (() => void)[] = [];
    const { promise: isCut, resolve: cut } = Promise.withResolvers<void>();
    const { client } = await stage(
      t,
      (req, res) => {
        if (req.url === '/') res.on('close', cut).end(LARGE);
        else if (req.url === '/stream') res.write('first ');
        if (req.url !== '/') waiting.push(() => res.end('late'));
      },
      { stallMs: 300 },
    );
    const close = 'Host: x\r\nConnection: close\r\n\r\n';
    const [later, stream] = [
      await client(`GET /later HTTP/1.1\r\n${close}`),
      await client(`GET /stream HTTP/1.1\r\n${close}`),
    ];
    await client(GET, false);
    await isCut;
    for (const answer of waiting) answer();
    assert.match(await later.all, /late/);
    assert.match(await stream.all, /first .*late/s);
  });

  test('may be slow, as long as it takes something', async t => {
    const { client } = await stage(t, (_req, res) => res.end(LARGE), { stallMs: 1500 });
    const { socket } = await client('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', false);
    let bytes = 0;
    socket.on('readable', () => {
      // Two megabytes in each third of the time: all of it takes three times as long as one may stall.
      setTimeout(() => {
        for (let chunk = socket.read(); chunk; chunk = socket.read()) {
          bytes += chunk.length;
          if (bytes % (2 * 1024 * 1024) < chunk.length) return;
        }
      }, 5);
    });
    await once(socket, 'end');
    assert.ok(bytes > LARGE.length);
  });
});

describe('connections', () => {
  test('beyond the limit are told so, and there is room again when others end', async t => {
    const { client, server } = await stage(t, (_req, res) => res.end('ok'), { maxConnections: 8 });
    const eight = await Promise.all(Array.from({ length: 8 }, () => client('')));
    while ((await connections(server)) < 8) await new Promise(setImmediate);
    const text = await (await client(GET)).all;
    assert.deepEqual(statuses(text), [503]);
    assert.match(text, /Retry-After: 2\r\n/);
    assert.match(text, /"code":"overloaded"/);
    eight[0]!.socket.destroy();
    await eight[0]!.all;
    while ((await connections(server)) > 7) await new Promise(setImmediate);
    const next = await client('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.deepEqual(statuses(await next.all), [200]);
  });
});

const connections = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => server.getConnections((error, count) => (error ? reject(error) : resolve(count))));

describe('rubbish after a good request', () => {
  const rubbish: Record<string, string> = {
    'no HTTP': 'rubbish\r\n\r\n',
    'a header that is none': 'GET / HTTP/1.1\r\nX Y: z\r\n\r\n',
    'too large headers': `GET / HTTP/1.1\r\nX: ${'y'.repeat(20_000)}\r\n\r\n`,
    'two lengths': 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n',
    'a broken chunk': 'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    'a tunnel': 'CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n',
    'HTTP/2': 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    TLS: '\x16\x03\x01\x02\x00\x01',
    'a megabyte': '\0'.repeat(1024 * 1024),
  };
  for (const [name, bytes] of Object.entries(rubbish)) {
    test(`leaves it its answer: ${name}`, async t => {
      let handled = 0;
      const { client } = await stage(t, (req, res) => {
        handled++;
        req.resume();
        // After the rubbish was read.
        if (handled <= 2) setTimeout(() => res.end('good'), 20);
      });
      for (const sent of [GET + GET + bytes, GET + GET]) {
        handled = 0;
        const { all, socket, until } = await client(sent);
        await until(text => statuses(text).length >= 2);
        if (sent !== GET + GET + bytes) socket.write(bytes);
        const text = await all;
        assert.deepEqual(statuses(text).slice(0, 2), [200, 200], text.slice(0, 500));
        assert.equal(text.split('good').length - 1, 2);
        assert.ok([400, 431].includes(statuses(text)[2]!), text);
      }
    });
  }

  test('is not carried out where it follows a request that ends the connection', async t => {
    const { client } = await stage(t, (_req, res) => void setImmediate(() => res.end('good')));
    const { all } = await client(`GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n${GET}rubbish`);
    assert.deepEqual(statuses(await all), [200]);
  });

  test('may be the end of what the client sends', async t => {
    const { client } = await stage(t, (_req, res) => void setTimeout(() => res.end('good'), 20));
    for (const more of ['', 'GET / HT']) {
      const { all, socket } = await client(GET + GET + more);
      socket.end();
      assert.deepEqual(statuses(await all).slice(0, 2), [200, 200]);
    }
  });

  test('in the body of a request is answered at once', async t => {
    const { client } = await stage(t, (req, res) => void req.on('data', () => {}).on('end', () => res.end('good')));
    const { all } = await client(`${GET}POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`);
    assert.deepEqual(statuses(await all), [200, 400]);
  });
});
