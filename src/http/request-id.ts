import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { ParentSpan } from '../tracing/request-trace.ts'

/** A UUID, or 32 hexadecimal digits as nginx and trace ids have. Any other text could be the data of a person. */
const ID = /^(?:[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i
/** Source: W3C Trace Context, section 3.2. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/
const ZEROS = /^0+$/

/** The span of the client, by its header `traceparent`. Undefined for a header that is missing or not valid. The header `tracestate` is never read: it is free text. */
export function remoteSpanOf({ traceparent }: IncomingHttpHeaders): ParentSpan | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(String(traceparent ?? '')) ?? []
  if (traceId === undefined || spanId === undefined || ZEROS.test(traceId) || ZEROS.test(spanId))
    return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags ?? '0', 16) & 1 }
}

/** The id of a request: from its `x-request-id`, or the trace id of its `traceparent`, or a new one. */
export function requestIdOf(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id']
  if (typeof given === 'string' && ID.test(given)) return given
  if (headers.traceparent === undefined) return randomUUID()
  return remoteSpanOf(headers)?.traceId ?? randomUUID()
}
