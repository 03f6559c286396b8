import { Loggers } from 'moleculer';
import { LineLimit } from './line-limit.ts';
import { messageOf } from './printable.ts';

const LEVELS = Loggers.Base.LEVELS as readonly string[];

/** Warnings and errors go to standard error. */
const writerOf = (level: string) => (LEVELS.indexOf(level) <= LEVELS.indexOf('warn') ? console.error : console.log);

/**
 * One line per message: time, level, module, text. Errors appear as their messages (callers that want the stack pass
 * it), and lines of one kind are limited.
 */
export class LineLogger extends Loggers.Base<object> {
  readonly #most: number;
  readonly #limits = new Map<string, LineLimit>();

  /** @param level least severe level to write: `error`, `warn`, `info` or `debug` */
  constructor(level: string) {
    super();
    this.#most = LEVELS.indexOf(level);
  }

  override getLogHandler({ mod }: { mod: string }): (level: string, args: unknown[]) => void {
    // start.ts reports once why a node does not start.
    const most = mod === 'BROKER' ? LEVELS.indexOf('fatal') : this.#most;
    return (level, args) => {
      if (LEVELS.indexOf(level) > most) return;
      const line = `${level.toUpperCase()} ${mod}: ${args.map(messageOf).join(' ')}`;
      if (this.#limit(level).allows(line)) write(level, line);
    };
  }

  #limit(level: string): LineLimit {
    const known = this.#limits.get(level);
    if (known) return known;
    const limit = new LineLimit(line => write(level, line));
    this.#limits.set(level, limit);
    return limit;
  }
}

const write = (level: string, line: string): void => writerOf(level)(`${new Date().toISOString()} ${line}`);
