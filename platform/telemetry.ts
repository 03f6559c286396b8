import { setTimeout } from 'node:timers/promises';

/** A collector without an answer must not delay the end of a process. */
const FLUSH_MS = 3000;

/** Whether OpenTelemetry's variables ask for traces: an exporter or the address of a collector. */
export const isTracing = (env: NodeJS.ProcessEnv = process.env): boolean =>
  env.OTEL_SDK_DISABLED?.toLowerCase() !== 'true' &&
  env.OTEL_TRACES_EXPORTER !== 'none' &&
  Boolean(env.OTEL_TRACES_EXPORTER || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT);

/**
 * Starts the export of traces from this thread if they are wanted. The SDK reads its variables itself.
 * @returns a function that sends the last spans, for at most three seconds, and ends the export
 */
export async function startTelemetry(): Promise<() => Promise<void>> {
  if (!isTracing()) return async () => {};
  const { NodeSDK } = await import('@opentelemetry/sdk-node');
  const sdk = new NodeSDK({
    serviceName: process.env.OTEL_SERVICE_NAME || 'zipbob',
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  return async () => {
    await Promise.race([sdk.shutdown().catch(() => {}), setTimeout(FLUSH_MS, undefined, { ref: false })]);
  };
}
