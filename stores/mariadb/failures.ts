import { Unavailable } from '../../core/errors.ts';

/** An error of the driver; `sql` and others of its fields hold values of the statement. */
type DriverError = Error & { readonly errno?: number; readonly code?: string; readonly sqlMessage?: string };

const DUPLICATE = 1062;
const LOCK_WAIT = 1205;
const DEADLOCK = 1213;
/** The transaction has met another: it was undone, and may be tried again at once. 1020 is a row that has changed meanwhile. */
const CONTENTION = new Set([LOCK_WAIT, DEADLOCK, 1020]);
const NO_SUCH_TABLE = 1146;

/** Server errors that do not come from the statement: the same one may succeed later. */
const AWAY = new Set([
  ...[1040, 1203, 1226], // too many connections
  ...[1053, 1077, 1079, 1927, 1184, 1152], // it shuts down, or ended this connection
  1317, // an operator ended the statement
  ...[1021, 1028, 1030, 1041, 1037, 1114, 1026, 3], // disk or memory full
  ...[1047, 1180, 1023, 1034, 1194, 1032], // cannot say, commit or read
  ...CONTENTION,
]);
const TOO_LONG = new Set([1969, 3024]);
/** It only reads, for the time being or because it is a replica. */
const ONLY_READS = new Set([1290, 1836, 1792]);
/** Only an operator can mend these, on the server or in the URL. */
const REFUSED: ReadonlyMap<number, string> = new Map([
  ...[1045, 1698, 1251, 1862, 4151].map(
    code => [code, 'refuses the user or the password: check both in the URL'] as const,
  ),
  [1049, 'has no such schema: create it, or name another'],
  [1665, 'has binlog_format = STATEMENT, which its tables cannot use: set MIXED or ROW'],
  [1130, 'takes no connections from this machine: allow its address on the server'],
]);
/** Errors whose message names a column, a limit or a setting, but no value. */
const WITHOUT_VALUES = new Set([1054, 1071, 1118, 1264, 1406]);
/** by which the driver marks its own errors, Node those of a socket, and OpenSSL those of TLS */
const OF_CONNECTION = /^(E[A-Z]+$|E[A-Z]+_|PROTOCOL_|HANDSHAKE_|ERR_|CERT_|DEPTH_|SELF_|UNABLE_|CLIENT_)/;

/** The server refuses the account, or has no such schema: an operator has to look. */
export class Refuses extends Unavailable {
  override readonly name: string = 'Refuses';
}

/** The account lacks a right. */
export class Forbidden extends Refuses {
  override readonly name = 'Forbidden';
}

/** The table is not there: its generation was dropped, or has not come to the replica yet. */
export class NoSuchTable extends Unavailable {
  override readonly name = 'NoSuchTable';
}

export const isDuplicate = (error: unknown): boolean => (error as DriverError).errno === DUPLICATE;

const FORBIDDEN = new Set([1044, 1142, 1143, 1227, 1370]);
export const isForbidden = (error: unknown): boolean => FORBIDDEN.has((error as DriverError).errno ?? 0);

export const isContention = (error: unknown): boolean => CONTENTION.has((error as DriverError).errno ?? 0);

const isOfServer = (error: unknown): boolean => typeof (error as DriverError).sqlMessage === 'string';

/**
 * An error in our words and without the statement, whose values nobody must read in a log.
 * @param where the variable and the place
 */
export function translated(error: unknown, where: string): unknown {
  if (!(error instanceof Error) || error instanceof Unavailable) return error;
  const { errno = 0, message } = error as DriverError;
  // The driver has no names for the errors that only MariaDB has.
  const code = (error as DriverError).code ?? (errno === 0 ? '' : `error ${errno}`);
  if (!isOfServer(error)) {
    if (code === 'HANDSHAKE_NO_SSL_SUPPORT') {
      return new Refuses(`${where} has no TLS: set it up there, or leave out tls=true`);
    }
    if (code === 'HANDSHAKE_SSL_ERROR') {
      return new Refuses(
        `${where} is not trusted (${message}): name it as in its certificate, and its authority by tlsCAFile`,
      );
    }
    if (OF_CONNECTION.test(code)) return new Unavailable(`${where} does not answer (${code})`);
    if (message === 'Pool is closed.') return new Unavailable(`${where}: the connections are closed`);
    // A mistake of ours, such as a value that no statement can hold. The driver's own errors carry a code.
    return code === '' ? error : new Unavailable(`${where}: ${code}`);
  }
  if (isForbidden(error)) {
    return new Forbidden(`${where} does not give this account the rights that it needs [${code}]`);
  }
  const refused = REFUSED.get(errno);
  if (refused !== undefined) return new Refuses(`${where} ${refused} [${code}]`);
  if (errno === NO_SUCH_TABLE) return new NoSuchTable(`${where}: a table is missing (${code})`);
  if (ONLY_READS.has(errno))
    return new Unavailable(`${where} only reads: name the primary, or wait until it writes (${code})`);
  if (TOO_LONG.has(errno)) return new Unavailable(`${where} takes too long for a statement (${code})`);
  if (AWAY.has(errno)) return new Unavailable(`${where} cannot do it now (${code})`);
  const detail = WITHOUT_VALUES.has(errno) ? `: ${(error as DriverError).sqlMessage}` : '';
  return new Error(`${where} refuses a statement (${code})${detail}`);
}
