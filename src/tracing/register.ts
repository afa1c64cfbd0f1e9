/**
 * Sends traces to a collector over OTLP: `node --import ./src/tracing/register.ts src/main.ts`. It reads the variables of
 * OpenTelemetry, and does nothing without an endpoint. Another SDK can take its place.
 */
const env = process.env
const hasEndpoint = Boolean(env.OTEL_EXPORTER_OTLP_ENDPOINT || env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT)
const isOff = env.OTEL_SDK_DISABLED === 'true' || env.OTEL_TRACES_EXPORTER === 'none'
if (hasEndpoint && !isOff) await start()

/** How often a failed export is reported. ms */
const QUIET_MS = 60_000

async function start() {
  const [api, { OTLPTraceExporter }, resources, sdk] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace'),
  ])
  const detected = resources.detectResources({ detectors: [resources.envDetector] })
  const named = resources.resourceFromAttributes({
    'service.name': env.OTEL_SERVICE_NAME || 'clever-contacts-gateway',
  })
  const root = new sdk.TraceIdRatioBasedSampler(Number(env.OTEL_TRACES_SAMPLER_ARG || 1))
  const provider = new sdk.TracerProvider({
    resource: resources.defaultResource().merge(named).merge(detected),
    sampler: new sdk.ParentBasedSampler({ root }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: new OTLPTraceExporter(), ...batches() })],
  })
  api.diag.setLogger(quietLogger(), api.DiagLogLevel.ERROR)
  api.trace.setGlobalTracerProvider(provider)
}

/** The SDK does not read the variables for batches itself. */
function batches() {
  return {
    scheduledDelayMillis: numberIn('OTEL_BSP_SCHEDULE_DELAY') ?? 5_000,
    exportTimeoutMillis: numberIn('OTEL_BSP_EXPORT_TIMEOUT') ?? 30_000,
    maxQueueSize: numberIn('OTEL_BSP_MAX_QUEUE_SIZE') ?? 2_048,
    maxExportBatchSize: numberIn('OTEL_BSP_MAX_EXPORT_BATCH_SIZE') ?? 512,
  }
}

/** Undefined for what is not a positive integer, or is too large for a timer. */
function numberIn(name: string): number | undefined {
  const value = Number(env[name])
  return Number.isInteger(value) && value > 0 && value < 2 ** 31 ? value : undefined
}

/** Stdout belongs to the log, so failures of the export go to stderr. */
function quietLogger() {
  let toldAt = Number.NEGATIVE_INFINITY
  const ignore = () => {}
  return {
    error() {
      if (performance.now() - toldAt < QUIET_MS) return
      toldAt = performance.now()
      process.stderr.write(
        'traces cannot be exported: look at OTEL_EXPORTER_OTLP_ENDPOINT and the collector\n',
      )
    },
    warn: ignore,
    info: ignore,
    debug: ignore,
    verbose: ignore,
  }
}

export {}
