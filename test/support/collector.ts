import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { after } from 'node:test';

/** A span as a collector receives it. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly failed: boolean;
  readonly links: readonly string[];
  /** of the process that sent it */
  readonly service: string;
}

/** A span with its children, in order of their names. */
export type Tree = readonly [name: string, ...children: Tree[]];

export interface Collector {
  readonly spans: readonly Span[];
  /** the settings of a program that sends its traces here */
  readonly env: Readonly<Record<string, string>>;
  /** Resolves with all spans once they satisfy a condition. @throws Error after 30 s */
  until(condition: (spans: readonly Span[]) => boolean): Promise<readonly Span[]>;
}

const WAIT_MS = 30_000;
const ERROR = 2;

/** A collector of traces that speaks OTLP over HTTP with JSON; it ends with the tests of its file. */
export async function startCollector(): Promise<Collector> {
  const spans: Span[] = [];
  let arrival = Promise.withResolvers<void>();
  const server = createServer(async (req, res) => {
    spans.push(...spansOf((await json(req)) as Export));
    arrival.resolve();
    arrival = Promise.withResolvers();
    res.writeHead(200, { 'Content-Type': 'application/json' }).end('{}');
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    spans,
    env: {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
    async until(condition) {
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(
        () => late.reject(new Error(`not among these: ${spans.map(({ name }) => name)}`)),
        WAIT_MS,
      );
      try {
        while (!condition(spans)) await Promise.race([arrival.promise, late.promise]);
        return spans;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

/** The tree below a span. */
export function treeOf(spans: readonly Span[], root: Span): Tree {
  const children = spans.filter(({ parentSpanId }) => parentSpanId === root.spanId);
  const trees = children.map(child => treeOf(spans, child));
  return [root.name, ...trees.sort(([a], [b]) => (a < b ? -1 : Number(a > b)))];
}

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string; readonly intValue?: number | string };
}

interface Export {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly Sent[] }[];
  }[];
}

interface Sent {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes?: readonly Attribute[];
  readonly status?: { readonly code?: number };
  readonly links?: readonly { readonly traceId: string }[];
}

const valuesOf = (attributes: readonly Attribute[] = []) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]));

const spansOf = ({ resourceSpans }: Export): Span[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(valuesOf(resource.attributes)['service.name']);
    return scopeSpans
      .flatMap(({ spans }) => spans)
      .map(({ traceId, spanId, parentSpanId, name, attributes, status, links = [] }) => ({
        ...{ traceId, spanId, name, service, attributes: valuesOf(attributes) },
        ...(parentSpanId && { parentSpanId }),
        failed: status?.code === ERROR,
        links: links.map(link => link.traceId),
      }));
  });
