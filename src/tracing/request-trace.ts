import {
  type Context,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import type { RequestOutcome, RequestSummary } from '../model/request-summary.ts'

/** The span of the client that sent the request. */
export interface ParentSpan {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
}

export interface EndedRequest {
  readonly summary: RequestSummary
  readonly requestId: string
  readonly status: string
  readonly outcome: RequestOutcome
  readonly cleverCalls: number
}

/**
 * The spans of one request: the request itself, and each of its rounds. They have codes, counts and hashes, and no values,
 * variables, names of people or URLs. Source of the names: OpenTelemetry's semantic conventions for HTTP and GraphQL.
 */
export class RequestTrace {
  readonly #tracer: Tracer
  readonly #span: Span
  readonly #context: Context
  #round: Context | undefined

  constructor(tracer: Tracer, method: string, parent: ParentSpan | undefined) {
    this.#tracer = tracer
    const attributes = { 'http.request.method': method, 'http.route': '/graphql' }
    this.#span = tracer.startSpan('GraphQL Operation', { kind: SpanKind.SERVER, attributes }, above(parent))
    this.#context = trace.setSpan(ROOT_CONTEXT, this.#span)
  }

  /** The id of the trace, if it is recorded. */
  get traceId(): string | undefined {
    return this.#span.isRecording() ? this.#span.spanContext().traceId : undefined
  }

  /** The context for a call: its parent is the round that is under way. */
  current(): Context {
    return this.#round ?? this.#context
  }

  startRound(values: number): { end(): void } {
    const attributes = { 'gateway.round.values': values }
    const span = this.#tracer.startSpan('round', { attributes }, this.#context)
    this.#round = trace.setSpan(this.#context, span)
    return {
      end: () => {
        span.end()
        this.#round = undefined
      },
    }
  }

  end(request: EndedRequest) {
    const span = this.#span
    if (span.isRecording()) describe(span, request)
    span.end()
  }
}

/** A span that an instrumentation of HTTP has begun, or the span of the client. Its `tracestate` is free text, and is not read. */
function above(parent: ParentSpan | undefined): Context {
  const active = context.active()
  if (trace.getSpan(active) !== undefined || parent === undefined) return active
  return trace.setSpanContext(active, { ...parent, isRemote: true })
}

function describe(span: Span, { summary, requestId, status, outcome, cleverCalls }: EndedRequest) {
  const { operation, codes } = summary
  if (operation !== undefined) {
    span.updateName(operation.type)
    span.setAttribute('graphql.operation.type', operation.type)
    span.setAttribute('graphql.document.hash', `sha256:${operation.documentHash}`)
    if (operation.name !== undefined) span.setAttribute('graphql.operation.name', operation.name)
  }
  const httpStatus = Number(status)
  if (Number.isInteger(httpStatus)) span.setAttribute('http.response.status_code', httpStatus)
  span.setAttributes({
    'gateway.request.id': requestId,
    'gateway.outcome': outcome,
    'gateway.principal.kind': summary.principal,
    'gateway.districts': summary.districtCount,
    'gateway.calls': cleverCalls,
    'gateway.rounds': summary.rounds,
  })
  if (codes.length > 0) span.setAttribute('gateway.error.codes', [...codes])
  const isFailed = outcome === 'error' || outcome === 'partial' || httpStatus >= 500
  if (!isFailed) return
  span.setAttribute('error.type', codes[0] ?? status)
  span.setStatus({ code: SpanStatusCode.ERROR })
}
