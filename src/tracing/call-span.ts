import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api'

/**
 * The span of one call to Clever. `route`: the shape of its path, without ids. `outcome`: the status, or why there is
 * none.
 */
export function startCallSpan(tracer: Tracer, route: string, host: string, parent: Context = ROOT_CONTEXT) {
  const attributes = { 'http.request.method': 'GET', 'url.template': route, 'server.address': host }
  const span = tracer.startSpan(`GET ${route}`, { kind: SpanKind.CLIENT, attributes }, parent)
  return {
    end(outcome: string) {
      const status = Number(outcome)
      if (Number.isInteger(status)) span.setAttribute('http.response.status_code', status)
      // 404 means that a record does not exist, which is an answer.
      if (!(status < 400) && status !== 404) {
        span.setAttribute('error.type', outcome)
        span.setStatus({ code: SpanStatusCode.ERROR })
      }
      span.end()
    },
  }
}
