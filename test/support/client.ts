// biome-ignore-all lint/suspicious/noExplicitAny: the tests check the bodies
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any;
}

export interface CallOptions {
  body?: unknown;
  /** sent unchanged */
  raw?: string | Uint8Array;
  headers?: Record<string, string>;
}

let count = 0;

/** A client of the HTTP contract, such as a script would use. */
export class Client {
  url: string;
  token: string | undefined;
  cookie: string | undefined;

  constructor(url: string) {
    this.url = url;
  }

  async call(method: string, path: string, { body, raw, headers = {} }: CallOptions = {}): Promise<Reply> {
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const response = await fetch(this.url + (path.startsWith('/api') ? path : `/api/v1${path}`), {
      method,
      headers: {
        ...(content !== undefined && { 'Content-Type': 'application/json' }),
        ...(this.token && { Authorization: `Bearer ${this.token}` }),
        ...(this.cookie && { Cookie: this.cookie }),
        ...headers,
      },
      ...(content !== undefined && { body: content }),
      redirect: 'manual',
    });
    const text = await response.text();
    const set = response.headers.get('set-cookie');
    if (set) this.cookie = set.split(';', 1)[0];
    const isJson = text !== '' && response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  get = (path: string, headers?: Record<string, string>) => this.call('GET', path, { ...(headers && { headers }) });
  post = (path: string, body?: unknown, headers?: Record<string, string>) =>
    this.call('POST', path, { body, ...(headers && { headers }) });
  patch = (path: string, body?: unknown, headers?: Record<string, string>) =>
    this.call('PATCH', path, { body, ...(headers && { headers }) });
}

export const PASSWORD = 'correct horse battery';

/** A registered member with a first fridge. */
export async function newcomer(
  url: string,
): Promise<{ client: Client; fridgeId: string; email: string; memberId: string }> {
  const client = new Client(url);
  const name = `${Date.now().toString(36)}${count++}`;
  const email = `cook-${name}@example.org`;
  const reply = await client.post('/auth/register', { email, password: PASSWORD, nickname: `cook${name}` });
  if (reply.status !== 201) throw new Error(`cannot register: ${JSON.stringify(reply.body)}`);
  client.token = reply.body.accessToken;
  const mine = await client.get('/fridges', { 'Wait-For-Position': reply.headers.get('position')! });
  return { client, fridgeId: mine.body.items[0].fridgeId, email, memberId: reply.body.member.memberId };
}
