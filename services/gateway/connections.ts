import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { networkOf } from '../../platform/network.ts';
import { type Problem, unavailable } from '../../platform/problem.ts';
import { lastWords } from './errors.ts';

export interface ConnectionLimits {
  /** open connections; one network may have a quarter of them */
  readonly maxConnections: number;
  /** milliseconds after which a client that takes nothing of its answer is disconnected */
  readonly stallMs: number;
}

/** Most requests that wait behind others of their connections; Node holds about 1.5 kB for each. */
const MOST_WAITING = 20_000;
/** Most bytes of answers that wait for clients. */
const MOST_BYTES = 64 * 1024 * 1024;
/** How long a connection stays open after its last answer, so that a client which still sends can read it. */
const LINGER_MS = 1000;
/** Most connections beyond the limit that get an answer at one moment; further ones are closed without one. */
const MOST_REFUSED = 100;

const TOO_MANY = unavailable('overloaded', 'too many connections are open; close some, or try again');

interface Turn {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  /** begins at once, regardless of other waiting requests */
  readonly isUrgent: boolean;
  work(): void;
}

/**
 * Limits the cost of client connections. The requests of a connection are handled one after another, so at most one
 * answer waits for its client; meanwhile nothing more is read. A client that takes nothing of its answer is
 * disconnected, and so are the slowest ones if too much waits in all.
 */
export class Connections {
  readonly #limits: ConnectionLimits;
  readonly #open = new Map<Socket, Connection>();
  readonly #perNetwork = new Map<string, number>();
  readonly #refused = new Set<Socket>();
  /** One request begins per turn of the event loop, so that a burst does not block it. */
  readonly #later: (() => void)[] = [];
  #hasBegun = false;
  #waiting = 0;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** Watches the connections of a server until it is closed. */
  watch(server: Server): void {
    server.on('connection', (socket: Socket) => this.#opened(socket));
    const timer = setInterval(() => this.#cutStalled(performance.now()), this.#limits.stallMs / 30).unref();
    server.on('close', () => clearInterval(timer));
  }

  /**
   * Runs `work`, which answers the request, once all earlier requests of its connection are answered.
   * @param isUrgent it does not wait for requests of other connections to begin
   */
  inTurn(req: IncomingMessage, res: ServerResponse, work: () => void, isUrgent = false): void {
    const connection = this.#open.get(req.socket);
    if (!connection) return; // refused, or gone
    if (connection.isBusy && this.#waiting >= MOST_WAITING) {
      req.socket.destroy();
      return;
    }
    connection.take({ req, res, isUrgent, work });
  }

  /**
   * Answers the remaining requests of a connection, then sends the reason of its end.
   * @param ms after which it ends in any case
   */
  leave(socket: Socket, problem: Problem, ms?: number): void {
    if (ms !== undefined) endBy(socket, ms);
    this.#open.get(socket)?.leave(problem);
  }

  #opened(socket: Socket): void {
    const { maxConnections } = this.#limits;
    const network = networkOf(socket.remoteAddress);
    const ofNetwork = network === undefined ? 0 : (this.#perNetwork.get(network) ?? 0);
    if (this.#open.size >= maxConnections || ofNetwork >= Math.ceil(maxConnections / 4)) {
      this.#refuse(socket);
      return;
    }
    const connection = new Connection(socket, {
      count: by => {
        this.#waiting += by;
      },
      begin: begin => this.#beginInTurn(begin),
    });
    this.#open.set(socket, connection);
    if (network !== undefined) this.#perNetwork.set(network, ofNetwork + 1);
    socket.on('close', () => {
      connection.closed();
      this.#open.delete(socket);
      if (network === undefined) return;
      const left = this.#perNetwork.get(network)! - 1;
      if (left > 0) this.#perNetwork.set(network, left);
      else this.#perNetwork.delete(network);
    });
  }

  #beginInTurn(begin: () => void): void {
    if (this.#hasBegun) {
      this.#later.push(begin);
      return;
    }
    this.#hasBegun = true;
    setImmediate(() => this.#turned());
    begin();
  }

  #turned(): void {
    this.#hasBegun = false;
    const next = this.#later.shift();
    if (next) this.#beginInTurn(next);
  }

  #refuse(socket: Socket): void {
    if (this.#refused.size >= MOST_REFUSED) {
      socket.destroy();
      return;
    }
    this.#refused.add(socket);
    socket.on('close', () => this.#refused.delete(socket));
    part(socket, TOO_MANY);
  }

  /** @param now milliseconds of `performance.now()` */
  #cutStalled(now: number): void {
    const unread = [...this.#open.values()].filter(connection => connection.isUnread(now));
    let bytes = unread.reduce((sum, { socket }) => sum + socket.writableLength, 0);
    for (const { socket, since } of unread.sort((a, b) => a.since - b.since)) {
      if (bytes <= MOST_BYTES && now - since < this.#limits.stallMs) break;
      bytes -= socket.writableLength;
      socket.destroy();
    }
  }
}

interface Shared {
  /** reports a change of the number of waiting requests */
  count(by: number): void;
  /** runs the start of a request, in this turn of the event loop or a later one */
  begin(begin: () => void): void;
}

class Connection {
  readonly socket: Socket;
  readonly #shared: Shared;
  #waiting: Turn[] = [];
  #current: Turn | undefined;
  #lastWords: Problem | undefined;
  #taken = 0;
  /** when the client last took something or had nothing to take; milliseconds of `performance.now()` */
  since = performance.now();

  constructor(socket: Socket, shared: Shared) {
    this.socket = socket;
    this.#shared = shared;
    // Node reads on whenever there may be a body, but not while requests wait.
    socket.on('resume', () => this.#waiting.length > 0 && socket.pause());
  }

  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  take(turn: Turn): void {
    if (this.#lastWords) return;
    if (!this.#current) {
      this.#current = turn;
      if (turn.isUrgent) this.#begin(turn);
      else this.#shared.begin(() => this.#begin(turn));
      return;
    }
    this.#waiting.push(turn);
    this.#shared.count(1);
    this.socket.pause();
  }

  leave(problem: Problem): void {
    if (this.#lastWords) return; // the same rubbish continues
    this.#lastWords = problem;
    // The last request may be incomplete; then it is the broken one.
    const last = this.#waiting.at(-1) ?? this.#current;
    if (last && !last.req.complete && !last.res.headersSent) {
      if (last === this.#current) this.#current = undefined;
      else this.#drop(1);
    }
    if (!this.#current) part(this.socket, problem);
  }

  closed(): void {
    this.#drop(this.#waiting.length);
  }

  /** Whether bytes wait for the client; `since` is the time of its last progress. */
  isUnread(now: number): boolean {
    const taken = takenBytes(this.socket);
    const unread = this.socket.writableLength > 0;
    if (!unread || taken !== this.#taken) this.since = now;
    this.#taken = taken;
    return unread;
  }

  #begin(turn: Turn): void {
    if (this.#current !== turn || this.socket.destroyed) return;
    turn.res.once('close', () => this.#next(turn));
    turn.work();
  }

  #next(done: Turn): void {
    if (this.#current !== done) return;
    this.#current = undefined;
    // After an answer with `Connection: close` nothing can be sent.
    if (!this.socket.writable) this.#drop(this.#waiting.length);
    const next = this.#waiting.shift();
    if (next) {
      this.#shared.count(-1);
      if (this.#waiting.length === 0) this.socket.resume();
      this.#current = next;
      this.#shared.begin(() => this.#begin(next));
    } else if (this.#lastWords) part(this.socket, this.#lastWords);
  }

  #drop(requests: number): void {
    if (requests === 0) return;
    this.#waiting.splice(-requests);
    this.#shared.count(-requests);
  }
}

/** Bytes that the client's side has taken as far as the system reports, including parts of one write. */
function takenBytes(socket: Socket): number {
  const { _handle } = socket as { _handle?: { bytesWritten: number; writeQueueSize: number } | null };
  return _handle ? _handle.bytesWritten - _handle.writeQueueSize : 0;
}

/** Sends the reason of its end on a connection, and ends it. */
function part(socket: Socket, problem: Problem): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(lastWords(problem));
  socket.resume();
  endBy(socket, LINGER_MS);
}

function endBy(socket: Socket, ms: number): void {
  const timer = setTimeout(() => socket.destroy(), ms).unref();
  socket.once('close', () => clearTimeout(timer));
}
