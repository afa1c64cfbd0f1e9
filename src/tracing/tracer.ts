import { type Tracer, type TracerProvider, trace } from '@opentelemetry/api'

/** A provider of the API in front of the one that an SDK registers. */
interface Proxy extends TracerProvider {
  getDelegate(): TracerProvider & { shutdown?(): Promise<void> }
  getDelegateTracer(name: string): Tracer | undefined
}

const NAME = 'clever-contacts-gateway'
/** ms */
const FLUSH_PATIENCE_MS = 1_000

/**
 * The tracer of the SDK that was loaded by `--import`. Undefined without an SDK: then a request creates no object for its
 * trace.
 */
export function registeredTracer(): Tracer | undefined {
  const provider = trace.getTracerProvider()
  return isProxy(provider) ? provider.getDelegateTracer(NAME) : provider.getTracer(NAME)
}

/** Sends the spans that wait, for at most a second. False if they could not be sent in that time. Never throws. */
export async function flushSpans(): Promise<boolean> {
  const provider = trace.getTracerProvider()
  if (!isProxy(provider)) return true
  const { promise: late, resolve } = Promise.withResolvers<false>()
  const timer = setTimeout(() => resolve(false), FLUSH_PATIENCE_MS)
  const shutdown = Promise.resolve(provider.getDelegate().shutdown?.())
  const isFlushed = await Promise.race([shutdown.then(() => true).catch(() => true), late])
  clearTimeout(timer)
  return isFlushed
}

function isProxy(provider: TracerProvider): provider is Proxy {
  return 'getDelegateTracer' in provider && 'getDelegate' in provider
}
