import { NewerFacts } from './errors.ts';
import { isSealed } from './sealed.ts';

/** An event: a name in the past tense, and its outcome. */
export interface Fact<T extends string = string, D = unknown> {
  readonly type: T;
  readonly data: D;
}

/** Actor, time and cause of a fact. Times are ISO 8601 in UTC, from the command handler's clock. */
export interface Meta {
  readonly commandId: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly actor?: string;
  readonly at: string;
  readonly occurredAt?: string;
  readonly traceparent?: string;
  /** version of the fact's format */
  readonly schema: number;
  readonly fingerprint?: string;
}

/** A fact with its place: `revision` counts from 0 in its stream. */
export type Happened<E extends Fact = Fact> = E & {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly meta: Meta;
};

/** A fact as stored: `position` orders the whole log, with gaps. */
export type Recorded<E extends Fact = Fact> = Happened<E> & { readonly position: number };

/** The stored format of one fact: its version, the upcasts of older ones, and its personal fields. */
export interface Kind<D> {
  readonly version: number;
  /** from this version to the next one */
  readonly upcast: Readonly<Record<number, (old: never) => unknown>>;
  readonly personal?: Personal<D>;
}

/** Fields that must be sealed before they are stored: `note`, or `changed.note` within an object. */
export interface Personal<D> {
  readonly fields: readonly string[];
  /** the member whose key seals them; by default any member */
  readonly subject?: (data: D) => string;
}

export interface KindOptions<D> {
  version?: number;
  upcast?: Kind<D>['upcast'];
  personal?: Personal<D>;
}

export function fact<D>(options: KindOptions<D> = {}): Kind<D> {
  const { version = 1, upcast = {}, personal } = options;
  return { version, upcast, ...(personal && { personal }) };
}

// biome-ignore lint/suspicious/noExplicitAny: a family holds kinds of unrelated data; EventOf gives each its own type
export type Kinds = Record<string, Kind<any>>;

/** All facts of one kind of stream. Streams are named `<name>-<id>`, or just `<name>` for the log's own. */
export interface Family<K extends Kinds = Kinds> {
  readonly name: string;
  readonly kinds: K;
  streamOf(id: string): string;
  idOf(stream: string): string;
}

export type EventOf<F> =
  F extends Family<infer K>
    ? { [T in keyof K & string]: K[T] extends Kind<infer D> ? Fact<T, D> : never }[keyof K & string]
    : never;

export function family<K extends Kinds>(name: string, kinds: K): Family<K> {
  if (!/^[a-z]+$/.test(name)) throw new TypeError(`a family is named in lower-case letters, not "${name}"`);
  return {
    name,
    kinds,
    streamOf: id => `${name}-${id}`,
    idOf: stream => stream.slice(name.length + 1),
  };
}

/** The family of a stream: its name before the first hyphen. */
export const familyOf = (stream: string): string => {
  const hyphen = stream.indexOf('-');
  return hyphen < 0 ? stream : stream.slice(0, hyphen);
};

/**
 * Reads a stored fact as the newest version of its kind.
 * @throws NewerFacts if this release does not know the type, or the version is above its own
 */
export function upcast<F extends Family>(family: F, stored: Recorded): Recorded<EventOf<F>> {
  const kind = family.kinds[stored.type];
  if (!kind || !Object.hasOwn(family.kinds, stored.type)) {
    throw new NewerFacts(`${stored.stream} holds a ${stored.type}, which this release does not know`);
  }
  const { schema } = stored.meta;
  if (schema > kind.version) {
    throw new NewerFacts(
      `${stored.stream} holds a ${stored.type} of version ${schema}; this release reads ${kind.version}`,
    );
  }
  if (schema === kind.version) return stored as Recorded<EventOf<F>>;
  let data: unknown = stored.data;
  for (let version = schema; version < kind.version; version++) {
    const step = kind.upcast[version];
    if (!step) throw new Error(`${stored.type} has no upcast from version ${version}`);
    data = step(data as never);
  }
  return { ...stored, data } as Recorded<EventOf<F>>;
}

/** The version to store with a fact. A personal field that is not sealed is refused as a programming error. */
export function schemaOf(family: Family, event: Fact): number {
  const kind = Object.hasOwn(family.kinds, event.type) ? family.kinds[event.type] : undefined;
  if (!kind) throw new TypeError(`${event.type} is not a fact of ${family.name}`);
  const subject = kind.personal?.subject?.(event.data);
  for (const field of kind.personal?.fields ?? []) {
    const value = field
      .split('.')
      .reduce<unknown>((data, name) => (data as Record<string, unknown>)?.[name], event.data);
    if (value !== undefined && value !== null && !isSealed(value, subject)) {
      throw new TypeError(`${event.type}.${field} is personal and must be sealed${subject ? ` for ${subject}` : ''}`);
    }
  }
  return kind.version;
}
