import type { ActionSchema, Context } from 'moleculer';
import { z } from 'zod';
import type { CommandMeta } from '../core/command-handler.ts';
import { Damaged, Unavailable } from '../core/errors.ts';
import { commandIdOf, fingerprintOf } from '../core/ids.ts';
import type { SubjectKey } from '../core/sealed.ts';
import type { Language } from '../domain/language.ts';
import { checked, type Joint } from './joint.ts';
import { type FieldError, Problem, problemOf } from './problem.ts';
import type { Route } from './route.ts';

/** Metadata of a request from the gateway. None of it comes from a header that names a person. */
export interface RequestMeta {
  member?: { memberId: string; sessionId: string };
  method: string;
  /** with ids, without the query */
  path: string;
  idempotencyKey: string;
  language: Language;
  ifMatch?: number;
  waitFor?: number;
  traceparent?: string;
  refreshToken?: string;
  /** the client's address; headers count only if trusted proxies set them */
  address?: string;
}

/** Metadata of an answer, which the gateway turns into headers. */
export interface AnswerMeta {
  /** revision of the resource */
  etag?: number;
  position?: number;
  /** path of the created resource, below the API */
  location?: string;
  /** null clears the cookie */
  refreshToken?: string | null;
}

export interface Answer<B> extends AnswerMeta {
  readonly body: B;
}

export type ActionContext = Context<unknown, RequestMeta & { answer?: AnswerMeta }>;

/**
 * The deadline of an action that begins now, in milliseconds of `performance.now()`. Moleculer answers 503 in its place
 * a moment later.
 */
export const deadlineOf = ({ options }: ActionContext): number =>
  performance.now() + (options.timeout || Number.POSITIVE_INFINITY);

/** One request, for its handler. */
export class Request {
  readonly ctx: ActionContext;
  readonly deadline: number;
  readonly #raw: unknown;

  /** Create it as soon as the action begins. */
  constructor(ctx: ActionContext) {
    this.ctx = ctx;
    this.deadline = deadlineOf(ctx);
    this.#raw = ctx.params;
  }

  get meta(): RequestMeta {
    return this.ctx.meta;
  }

  /** The requesting member. @throws Problem 401 */
  get actor(): string {
    const { member } = this.ctx.meta;
    if (!member) throw new Problem(401, 'unauthenticated', 'this needs an access token');
    return member.memberId;
  }

  /**
   * The metadata of this request's command. `who` replaces the actor if there is none yet; `key` is the encryption key
   * of the member concerned, so that the fingerprint is erased with the member.
   */
  command(key: SubjectKey, { who = this.actor, without = [] as readonly string[] } = {}): CommandMeta {
    const { method, path, idempotencyKey, traceparent, member } = this.meta;
    const { occurredAt, ...content } = this.#raw as Record<string, unknown>;
    for (const field of without) delete content[field];
    return {
      commandId: commandIdOf(who, method, path, idempotencyKey),
      fingerprint: fingerprintOf(key.key, { ...content, occurredAt }),
      ...(member && { actor: member.memberId }),
      ...(typeof occurredAt === 'string' && { occurredAt: new Date(occurredAt).toISOString() }),
      ...(traceparent !== undefined && { traceparent }),
      deadline: this.deadline,
    };
  }
}

/**
 * A Moleculer action for a route of the contract. Input is checked against its schema, output is reduced to its schema,
 * and failures leave as a Problem or as an internal error.
 */
export function action<I extends z.ZodType, O extends z.ZodType>(
  route: Route<I, O>,
  handler: (input: z.output<I>, request: Request) => Promise<Answer<z.input<O>>>,
): ActionSchema {
  return {
    async handler(ctx: ActionContext) {
      const request = new Request(ctx);
      try {
        const parsed = route.input.safeParse(ctx.params);
        if (!parsed.success) throw invalidInput(parsed.error);
        const { body, ...answer } = await handler(parsed.data, request);
        ctx.meta.answer = answer;
        return route.output.parse(body);
      } catch (error) {
        throw toldOutside(error, ctx);
      }
    },
  };
}

/** Clients learn only that a store is away; the log tells the operator which, why, and what to do. */
function toldOutside(error: unknown, { broker }: ActionContext): unknown {
  if (error instanceof Unavailable) broker.logger[error instanceof Damaged ? 'error' : 'warn'](error.message);
  return problemOf(error) ?? error;
}

/** An action for our own services only. Input and output are checked against the joint's schemas. */
export const internalAction = <I extends z.ZodType, O extends z.ZodType>(
  { action, input, output }: Joint<I, O>,
  handler: (input: z.output<I>, ctx: ActionContext) => Promise<z.input<O>> | z.input<O>,
): ActionSchema => ({
  visibility: 'public',
  async handler(ctx: ActionContext) {
    try {
      const request = checked(input, ctx.params, `the input of ${action}`);
      return checked(output, await handler(request, ctx), `the answer of ${action}`);
    } catch (error) {
      throw toldOutside(error, ctx);
    }
  },
});

/** most errors in one answer; more would not be read */
const MOST_ERRORS = 50;

export function invalidInput(error: z.ZodError): Problem {
  const all: FieldError[] = error.issues.flatMap(issue =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map(key => ({ path: pathOf([...issue.path, key]), message: 'there is no such field' }))
      : [{ path: pathOf(issue.path), message: issue.message }],
  );
  const errors = all.slice(0, MOST_ERRORS);
  const detail = `${errors[0]?.path || 'the body'}: ${errors[0]?.message}`;
  return new Problem(422, 'invalid', detail, { errors });
}

const KINDS: Record<string, string> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};
const FORMATS: Record<string, string> = {
  datetime: 'is not a time with an offset, such as 2026-01-31T18:30:00+09:00',
};
const counted = (count: number | bigint, unit: string): string => `${count} ${count === 1 ? unit : `${unit}s`}`;

/** The text of an error after the field's name, if the schema has none of its own. */
function inWords(issue: z.core.$ZodRawIssue): string {
  if (issue.input === undefined) return 'is missing';
  const unit = { string: 'character', array: 'item' }[String(issue.origin)];
  switch (issue.code) {
    case 'invalid_type':
      return `is not ${KINDS[issue.expected] ?? 'of the right kind'}`;
    case 'too_small':
      if (unit) return `needs at least ${counted(issue.minimum, unit)}`;
      return issue.inclusive ? `must not be less than ${issue.minimum}` : `must be more than ${issue.minimum}`;
    case 'too_big':
      if (unit) return `has more than ${counted(issue.maximum, unit)}`;
      return issue.inclusive ? `must not be more than ${issue.maximum}` : `must be less than ${issue.maximum}`;
    case 'invalid_value':
      return `is none of ${issue.values.join(', ')}`;
    case 'invalid_format':
      return FORMATS[issue.format] ?? 'is not written as it should be';
    case 'unrecognized_keys':
      return 'has a field that there is not';
    default:
      return 'is not what belongs here';
  }
}
z.config({ customError: inWords });

/** `items[3].amount` */
const pathOf = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text ? `${text}.${String(step)}` : String(step);
  }, '');
