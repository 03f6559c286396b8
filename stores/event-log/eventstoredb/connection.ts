import { EventStoreDBClient } from '@eventstore/db-client';
import { distinct, singleHosts } from './connection-string.ts';
import { hopeless, isSilence, isUndiscovered, type Patience } from './failures.ts';
import { Intake, type Source } from './intake.ts';

/** Until a node that is asked for its failure has none. */
const ASKED_MS = 1000;
/** Others may not know yet what they have acknowledged. */
export const FROM_LEADER = { requiresLeader: true };

/**
 * The client, and all that it has open. One whose connection died without a word is left for a new one: nothing is
 * answered until its keepalive notices, 20 s later, as after a reset under TLS or behind a proxy that forgot it.
 */
export class Connection {
  readonly #url: string;
  readonly #open = new Set<Intake<unknown>>();
  #client: EventStoreDBClient;
  /** A new client would not get more out of a server that is away. */
  #hasAnswered = false;

  constructor(url: string) {
    this.#url = url;
    this.#client = connect(url);
  }

  get client(): EventStoreDBClient {
    return this.#client;
  }

  /** @param client what the question was put to */
  answered(client: EventStoreDBClient): void {
    if (client === this.#client) this.#hasAnswered = true;
  }

  /**
   * Resolves when a call that failed may be tried again.
   * @param client what it was put to
   * @throws Unavailable
   */
  async again(client: EventStoreDBClient, error: unknown, patience: Patience): Promise<void> {
    this.#failed(client, error);
    await patience.after(isUndiscovered(error) ? await this.#reason(error) : error);
  }

  /** What the hosts of a cluster answer when each is asked for itself. */
  async #reason(undiscovered: unknown): Promise<unknown> {
    const answers = await Promise.all(singleHosts(this.#url).map(failureOf));
    const failures = answers.filter(error => error !== undefined);
    return failures.find(error => hopeless(error)) ?? failures[0] ?? undiscovered;
  }

  #failed(client: EventStoreDBClient, error: unknown): void {
    if (client !== this.#client || !this.#hasAnswered || !isSilence(error)) return;
    this.#client = connect(this.#url);
    this.#hasAnswered = false;
    for (const intake of this.#open) intake.fail(new Error('its connection was given up'));
  }

  /** What comes out of a stream of the client, until it is closed. */
  intake<T>(source: Source, cancel: () => Promise<void>, signal: AbortSignal): Intake<T> {
    const intake: Intake<T> = new Intake(source, signal, () => {
      this.#open.delete(intake);
      return cancel();
    });
    this.#open.add(intake);
    return intake;
  }

  /** Not by the client's `dispose`: it waits until somebody has read what its streams hold. */
  close(): void {
    for (const intake of this.#open) intake.close();
  }
}

let clients = 0;

function connect(url: string): EventStoreDBClient {
  const client = EventStoreDBClient.connectionString(distinct(url, clients++));
  // Of its two ways to append the client takes BatchAppend where the server has it. There, an append whose answer does
  // not come never settles, a second answer ends this process, and an error of one client fails the appends of all. The
  // other way has none of that.
  return Object.assign(client, { supports: async () => false });
}

/** Of a node that is asked for anything. */
async function failureOf(url: string): Promise<unknown> {
  const client = connect(url);
  try {
    for await (const _ of client.readAll({ maxCount: 1, deadline: ASKED_MS }));
    return undefined;
  } catch (error) {
    return error;
  } finally {
    // It would go on trying to connect.
    const { getChannel } = client as unknown as { getChannel(): Promise<{ close(): void }> };
    getChannel().then(
      channel => channel.close(),
      () => {},
    );
  }
}
