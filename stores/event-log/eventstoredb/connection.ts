import { EventStoreDBClient } from '@eventstore/db-client';
import { distinct, singleHosts } from './connection-string.ts';
import { hopeless, isSilence, isUndiscovered, type Patience } from './failures.ts';
import { Intake, type Source } from './intake.ts';

/** Time limit for asking a single node for its failure. */
const DIAGNOSIS_MS = 1000;
/** Followers of the leader may lag behind its acknowledged appends. */
export const FROM_LEADER = { requiresLeader: true };

/**
 * The client and its open streams. If its connection dies silently, a new client replaces it: the old one would answer
 * nothing until its keepalive fails after 20 s, for instance after a reset under TLS, or behind a proxy that dropped it.
 */
export class Connection {
  readonly #url: string;
  readonly #open = new Set<Intake<unknown>>();
  #client: EventStoreDBClient;
  /** Only a client that has answered before is replaced: a new one cannot reach a server that is down either. */
  #hasAnswered = false;

  constructor(url: string) {
    this.#url = url;
    this.#client = connect(url);
  }

  get client(): EventStoreDBClient {
    return this.#client;
  }

  /** @param client the client that made the call */
  answered(client: EventStoreDBClient): void {
    if (client === this.#client) this.#hasAnswered = true;
  }

  /**
   * Resolves when a failed call may be retried.
   * @param client the client that made the call
   * @throws Unavailable if `patience` is over, and as `Patience.after`
   */
  async again(client: EventStoreDBClient, error: unknown, patience: Patience): Promise<void> {
    this.#failed(client, error);
    await patience.after(isUndiscovered(error) ? await this.#reason(error) : error);
  }

  /** Asks each host of a cluster for itself and returns the most useful failure. */
  async #reason(undiscovered: unknown): Promise<unknown> {
    const answers = await Promise.all(singleHosts(this.#url).map(failureOf));
    const failures = answers.filter(error => error !== undefined);
    return failures.find(error => hopeless(error)) ?? failures[0] ?? undiscovered;
  }

  #failed(client: EventStoreDBClient, error: unknown): void {
    if (client !== this.#client || !this.#hasAnswered || !isSilence(error)) return;
    this.#client = connect(this.#url);
    this.#hasAnswered = false;
    for (const intake of this.#open) intake.fail(new Error('its connection was replaced'));
  }

  /** Takes items from a stream of the client, and tracks the stream until it is closed. */
  intake<T>(source: Source, cancel: () => Promise<void>, signal: AbortSignal): Intake<T> {
    const intake: Intake<T> = new Intake(source, signal, () => {
      this.#open.delete(intake);
      return cancel();
    });
    this.#open.add(intake);
    return intake;
  }

  /** Closes all streams. Does not call the client's `dispose`, which waits until its streams are read to the end. */
  close(): void {
    for (const intake of this.#open) intake.close();
  }
}

let clients = 0;

function connect(url: string): EventStoreDBClient {
  const client = EventStoreDBClient.connectionString(distinct(url, clients++));
  // The client prefers BatchAppend if the server supports it. With BatchAppend, an append whose answer is lost never
  // settles, a second answer ends this process, and an error of one client fails the appends of all. The other call has
  // none of these defects.
  return Object.assign(client, { supports: async () => false });
}

/** Returns the error of one node, or undefined if it answers. */
async function failureOf(url: string): Promise<unknown> {
  const client = connect(url);
  try {
    for await (const _ of client.readAll({ maxCount: 1, deadline: DIAGNOSIS_MS }));
    return undefined;
  } catch (error) {
    return error;
  } finally {
    // Without this, the client keeps trying to connect.
    const { getChannel } = client as unknown as { getChannel(): Promise<{ close(): void }> };
    getChannel().then(
      channel => channel.close(),
      () => {},
    );
  }
}
