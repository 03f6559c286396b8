import type { IncomingMessage, ServerResponse } from 'node:http';
import { context, propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/** Handles a request in a span that ends with its answer. The caller's `traceparent` is continued. */
export function inHttpSpan<T>(req: IncomingMessage, res: ServerResponse, handle: () => T): T {
  const parent = propagation.extract(ROOT_CONTEXT, req.headers);
  const attributes = { 'http.request.method': req.method! };
  const span = trace.getTracer('zipbob').startSpan(req.method!, { kind: SpanKind.SERVER, attributes }, parent);
  if (!span.isRecording()) return context.with(trace.setSpan(parent, span), handle);
  res.once('close', () => {
    span.setAttribute('http.response.status_code', res.statusCode);
    if (res.statusCode >= 500 || !res.writableFinished) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  });
  return context.with(trace.setSpan(parent, span), handle);
}

/** Names the active request's span by its route, without ids and queries: `GET /api/v1/fridges/{fridgeId}`. */
export function nameHttpSpan(method: string, route: string): void {
  trace.getActiveSpan()?.updateName(`${method} ${route}`).setAttribute('http.route', route);
}
