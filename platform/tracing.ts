import {
  type Attributes,
  type Context,
  context,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import type { Middleware, Service, Context as ServiceContext } from 'moleculer';
import type { EventStore } from '../core/event-store/port.ts';
import { familyOf, type Recorded } from '../core/fact.ts';

/** Most links of one span; a batch may hold facts of many requests. */
const MOST_LINKS = 32;

/** moleculer-web's own action around a request, which has its HTTP span already. */
const MOLECULER_WEB = 'gateway.rest';

interface Options {
  readonly kind?: SpanKind;
  readonly attributes?: Attributes;
  readonly links?: Link[];
  /** the context to continue; by default the active one */
  readonly parent?: Context;
}

const tracer = () => trace.getTracer('zipbob');

/** Runs work in a span that ends with it, marked as failed if the work throws. */
export async function inSpan<T>(name: string, options: Options, work: (span: Span) => Promise<T> | T): Promise<T> {
  const { parent = context.active(), ...rest } = options;
  return await tracer().startActiveSpan(name, rest, parent, async span => {
    try {
      return await work(span);
    } catch (error) {
      fail(span, error);
      throw error;
    } finally {
      span.end();
    }
  });
}

/** Records the error's class and code, never its message, which may quote a member's input. */
function fail(span: Span, error: unknown): void {
  const { name, type } = error instanceof Error ? (error as Error & { type?: unknown }) : { name: 'Error', type: '' };
  span.setAttribute('error.type', typeof type === 'string' && type ? type : name);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** The context of a `traceparent`; a new trace without one. */
export const contextOf = (traceparent: string | undefined): Context =>
  propagation.extract(ROOT_CONTEXT, traceparent === undefined ? {} : { traceparent });

/** The active span as a `traceparent`; undefined while no traces are collected. */
export function activeTraceparent(): string | undefined {
  const carrier: { traceparent?: string } = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
}

const isTraced = (parent: Context): boolean => trace.getSpanContext(parent) !== undefined;

/**
 * One span for each action of a traced request, on both sides of a call between nodes. Calls that belong to no request,
 * such as a node's own polling, are not traced.
 */
export const tracingMiddleware: Middleware = {
  name: 'Tracing',
  localAction(next, action) {
    if (action.name === MOLECULER_WEB) return next;
    return function (this: Service, ctx: ServiceContext) {
      const isRemote = ctx.nodeID !== null && ctx.nodeID !== ctx.broker.nodeID;
      const parent = isTraced(context.active())
        ? context.active()
        : propagation.extract(ROOT_CONTEXT, ctx.headers ?? {});
      if (!isTraced(parent)) return next.call(this, ctx);
      const kind = isRemote ? SpanKind.SERVER : SpanKind.INTERNAL;
      return inSpan(String(action.name), { kind, parent }, () => next.call(this, ctx));
    };
  },
  remoteAction(next, action) {
    return function (this: Service, ctx: ServiceContext) {
      if (!isTraced(context.active())) return next.call(this, ctx);
      return inSpan(String(action.name), { kind: SpanKind.CLIENT }, () => {
        ctx.headers ??= {};
        propagation.inject(context.active(), ctx.headers);
        return next.call(this, ctx);
      });
    };
  },
};

/** A span for each append of a traced command. */
export const tracedLog = (store: EventStore): EventStore => ({
  append(stream, facts, ...rest) {
    if (!isTraced(context.active())) return store.append(stream, facts, ...rest);
    const attributes = { 'zipbob.family': familyOf(stream), 'zipbob.facts': facts.length };
    return inSpan('append', { kind: SpanKind.CLIENT, attributes }, () => store.append(stream, facts, ...rest));
  },
  read: (stream, range) => store.read(stream, range),
  follow: options => store.follow(options),
  head: () => store.head(),
  headPosition: () => store.headPosition(),
  ready: () => store.ready(),
  close: () => store.close(),
});

/** A root span for each batch of the projector, linked to the requests of its facts. */
export function tracedBatch<T>(events: readonly Recorded[], work: () => Promise<T>): Promise<T> {
  if (events.length === 0) return work();
  const sources = new Set(events.flatMap(({ meta }) => meta.traceparent ?? []));
  const links = [...sources].flatMap(source => {
    const linked = trace.getSpanContext(contextOf(source));
    return linked ? [{ context: linked }] : [];
  });
  const attributes = { 'zipbob.facts': events.length };
  return inSpan('project', { parent: ROOT_CONTEXT, links: links.slice(0, MOST_LINKS), attributes }, work);
}
