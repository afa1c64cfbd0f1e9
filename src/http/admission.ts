import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Tracer } from '@opentelemetry/api'
import type { Authenticate, Authentication } from '../auth/authenticate.ts'
import { openHiveBody } from '../auth/hive-signature.ts'
import { RouterProofs, type RouterTrust } from '../auth/router-trust.ts'
import type { Clock } from '../clock.ts'
import { turns } from '../execution/turns.ts'
import { createRequestLog, type Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { RequestTrace } from '../tracing/request-trace.ts'
import { isForeignPage } from './cors.ts'
import type { Graphiql } from './graphiql.ts'
import type { GraphqlRoute } from './graphql-route.ts'
import type { InFlight } from './in-flight.ts'
import { HttpExchange } from './incoming.ts'
import { acceptedTypes, JSON_TYPE, requestType, wantsStream } from './media-types.ts'
import { observeRequests, signInCounters } from './observe-requests.ts'
import { countOverload } from './overload.ts'
import { provideBody, receiveBody } from './receive-body.ts'
import { REFUSALS, type Refusal, refuse } from './refuse.ts'
import { remoteSpanOf } from './request-id.ts'

/** The body of an accepted request, and whether the request is proven to be the router's. */
interface Received {
  readonly isFromRouter: boolean
  readonly body: string | undefined
}

export interface AdmissionOptions {
  readonly graphql: GraphqlRoute
  readonly authenticate: Authenticate
  /** Undefined if no router has a secret: then every request may use what is reserved for the router. */
  readonly router: RouterTrust | undefined
  /** Whether the districts are those of the sandbox: then the schema and `_service` can be read without a token. */
  readonly isSandbox: boolean
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Undefined where no SDK for traces is loaded. */
  readonly tracer?: Tracer | undefined
  /** The calls to Clever that one request may cost. */
  readonly maxCalls: number
  /**
   * The origins whose pages may send requests. Pages of other origins are refused, because they could spend
   * calls without seeing the answer.
   */
  readonly corsOrigins: readonly string[]
  readonly maxBodyBytes: number
  readonly inFlight: InFlight
  readonly graphiql: Graphiql | undefined
}

const SECRET = 'x-router-secret'
const SIGNATURE = 'x-router-signature'
const ANONYMOUS = { principal: undefined, expiresAt: undefined, isRevoked: undefined }
const PRINCIPAL_LABELS = {
  SERVICE: 'service',
  GUARDIAN: 'guardian',
  STAFF: 'staff',
  STUDENT: 'student',
} as const
type RefusedToken = Exclude<Authentication, { readonly outcome: 'KNOWN' }>

/**
 * Checks each request to /graphql before GraphQL sees it: the page it comes from, the load, the token, the media types, the size of
 * the body and the proof of the router. Logs one line a request.
 */
export class Admission {
  readonly #options: AdmissionOptions
  readonly #proofs: RouterProofs | undefined
  /** Responses that their clients stopped reading. */
  readonly #unread: WeakSet<ServerResponse>
  readonly #logRequest: ReturnType<typeof createRequestLog>
  readonly #observe: ReturnType<typeof observeRequests>
  readonly #signIns: ReturnType<typeof signInCounters>
  readonly #countOverload: ReturnType<typeof countOverload>

  constructor(options: AdmissionOptions, unread: WeakSet<ServerResponse>) {
    this.#options = options
    this.#proofs = options.router && new RouterProofs(options.router)
    this.#unread = unread
    this.#logRequest = createRequestLog(options.log)
    this.#observe = observeRequests(options.metrics)
    this.#signIns = signInCounters(options.metrics)
    this.#countOverload = countOverload(options)
  }

  async handle(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<unknown> {
    const { graphiql } = this.#options
    if (graphiql?.isAskedFor(request)) return graphiql.serve(request, response)
    const exchange = this.#follow(request, response, requestId)
    try {
      const refusal = await this.#answer(request, response, exchange)
      if (refusal === undefined) return
      exchange.summary.addCode(refusal.code)
      refuse(response, refusal)
    } catch (error) {
      if (!exchange.hasHungUp) exchange.summary.addCode(REFUSALS.UNEXPECTED.code)
      throw error
    }
  }

  /** The refusal to send, or undefined if the request is answered or its client has gone. */
  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    exchange: HttpExchange,
  ): Promise<Refusal | undefined> {
    const { graphiql, corsOrigins, router, isSandbox, authenticate } = this.#options
    if (isForeignPage(request, corsOrigins)) return REFUSALS.FOREIGN
    if (this.#isOverloaded(request, exchange)) return REFUSALS.OVERLOADED
    const authentication = await authenticate(request.headers.authorization)
    this.#signIns[authentication.outcome].inc()
    const isAnonymous = authentication.outcome === 'MISSING' && (graphiql !== undefined || isSandbox)
    if (authentication.outcome !== 'KNOWN' && !isAnonymous) return this.#refuseToken(authentication, exchange)
    const { principal, expiresAt, isRevoked } =
      authentication.outcome === 'KNOWN' ? authentication : ANONYMOUS
    if (principal !== undefined) exchange.summary.principal = PRINCIPAL_LABELS[principal.kind]
    const received = await this.#receive(request)
    const turn = turns.wait()
    if (turn !== undefined) await turn
    if (exchange.hasHungUp) return undefined
    if ('code' in received) return received
    if (router?.others === 'REFUSED' && !received.isFromRouter) return REFUSALS.NOT_FROM_ROUTER
    const isFromRouter = router === undefined || received.isFromRouter
    const isProvenRouter = received.isFromRouter
    const incoming = { exchange, principal, expiresAt, isRevoked, isFromRouter, isProvenRouter }
    await this.#options.graphql(request, response, incoming, received.body)
    return undefined
  }

  #refuseToken({ outcome, reason }: RefusedToken, { requestId }: HttpExchange): Refusal {
    this.#options.metrics.requestsRefused.inc({ reason })
    this.#options.log.info({ requestId, reason }, 'the token is refused')
    return REFUSALS[outcome]
  }

  /**
   * The secret itself proves that the request is the router's, whatever its method and content type. A signature proves it for a JSON
   * body alone: a GET has its query in the URL, which is not signed, and the same bytes under another content type may be
   * another query.
   */
  async #receive(request: IncomingMessage): Promise<Received | Refusal> {
    const { headers, method } = request
    const accept = acceptedTypes(headers.accept)
    if (accept === undefined) return REFUSALS.NOT_ACCEPTABLE
    headers.accept = accept
    const hasSecret = this.#proofs?.isSecret(headers[SECRET]) === true
    if (method !== 'POST') return { isFromRouter: hasSecret, body: undefined }
    const type = requestType(headers['content-type'])
    if (type === undefined) return REFUSALS.UNKNOWN_TYPE
    headers['content-type'] = type
    const body = await receiveBody(request, this.#options.maxBodyBytes)
    if (body.outcome === 'NONE') return { isFromRouter: hasSecret, body: undefined }
    if (body.outcome !== 'READ') return REFUSALS[body.outcome]
    if (hasSecret || this.#proofs === undefined || type !== JSON_TYPE || body.bytes.length === 0)
      return { isFromRouter: hasSecret, body: body.text }
    if (this.#proofs.isSignature(headers[SIGNATURE], body.bytes))
      return { isFromRouter: true, body: body.text }
    const opened = openHiveBody(body.text, this.#proofs)
    if (opened === undefined) return { isFromRouter: false, body: body.text }
    provideBody(request, opened)
    return { isFromRouter: true, body: opened }
  }

  /** Observes and logs the request when its response has ended. */
  #follow(
    { headers, method = '' }: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): HttpExchange {
    const { clock, maxCalls, tracer } = this.#options
    const startedAt = clock.now()
    const trace = tracer && new RequestTrace(tracer, method, remoteSpanOf(headers))
    const exchange = new HttpExchange(requestId, maxCalls, headers['last-event-id'], trace)
    response.once('close', () => {
      const isComplete = response.writableFinished
      exchange.close(isComplete)
      const status = isComplete ? String(response.statusCode) : this.#unfinished(response)
      const { summary, allowance } = exchange
      const outcome = summary.outcome(isComplete)
      const milliseconds = clock.now() - startedAt
      this.#observe(summary, status, outcome, milliseconds)
      const cleverCalls = allowance.totalCalls
      const traceId = trace?.traceId
      this.#logRequest({ requestId, traceId, status, outcome, summary, milliseconds, cleverCalls })
      trace?.end({ requestId, status, outcome, summary, cleverCalls })
    })
    return exchange
  }

  #unfinished(response: ServerResponse): string {
    return this.#unread.has(response) ? 'not read' : 'hung up'
  }

  /** Checked before any work is done for the request. The request holds its places until the response has ended. */
  #isOverloaded({ socket, headers }: IncomingMessage, exchange: HttpExchange): boolean {
    const { inFlight } = this.#options
    const slots = wantsStream(headers.accept) ? inFlight.streams : inFlight.queries
    const where = exchange.enterConnection(inFlight.on(socket)) ? 'process' : 'connection'
    if (where === 'process' && exchange.enter(slots)) return false
    this.#countOverload(where)
    return true
  }
}
