import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Authenticate } from '../access/authenticate.ts'
import { isSignedBy } from '../access/router-signature.ts'
import type { Clock } from '../clock.ts'
import { HungUp } from '../execution/answer.ts'
import { createRequestLog, type Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { allowOrigin, answerPreflight, isForeignPage, isPreflight } from './cors.ts'
import type { Graphiql } from './graphiql.ts'
import type { GraphqlRoute } from './graphql-route.ts'
import { misaddressed, type Names } from './hosts.ts'
import type { InFlight } from './in-flight.ts'
import { Exchange } from './incoming.ts'
import { acceptedTypes, JSON_TYPE, requestType, wantsStream } from './media-types.ts'
import { limitReadingTime } from './reading-time.ts'
import { receiveBody } from './receive-body.ts'
import { REFUSALS, type Refusal, refuse } from './refuse.ts'
import { type Route, type StatusOptions, statusRoutes } from './status-routes.ts'

/** A body that may be read, and whether the router has signed it. */
interface Received {
  readonly isSigned: boolean
  readonly body: string | undefined
}

export interface ListenerOptions extends StatusOptions {
  readonly graphql: GraphqlRoute
  readonly authenticate: Authenticate
  readonly router: RouterTrust
  readonly clock: Clock
  readonly log: Logger
  /** The calls to Clever that one request may cost. */
  readonly mostCalls: number
  /** Pages of these origins may ask; those of others are refused, as they could spend calls without seeing the answer. */
  readonly corsOrigins: readonly string[]
  readonly mostBodyBytes: number
  readonly inFlight: InFlight
  /** Within which a client must go on reading its answer. ms */
  readonly requestTimeout: number
  readonly graphiql: Graphiql | undefined
  readonly names: Names
}

/** The secret of the router, if there is one, and whether anybody else may ask anything. */
export type RouterTrust = { readonly secret: string; readonly others: 'ALLOWED' | 'REFUSED' } | undefined

const SIGNATURE = 'x-router-signature'
const ANONYMOUS = { principal: undefined, expiresAt: undefined }

/** What stands in front of GraphQL: the other paths, who asks, the size of a body, and one log line a request. */
export function createListener(options: ListenerOptions): RequestListener {
  const { graphql, authenticate, router, clock, log, metrics } = options
  const logRequest = createRequestLog(log)
  const timeOf = createStatusTimes(metrics)
  const { mostCalls, mostBodyBytes, inFlight, requestTimeout, corsOrigins, graphiql, names } = options
  const unread = new WeakSet<ServerResponse>()
  const routes: Readonly<Record<string, Route>> = {
    ...statusRoutes(options),
    '/graphql': {
      methods: 'GET, POST, OPTIONS',
      async handle(request, response, requestId) {
        if (graphiql?.isAskedFor(request)) return graphiql.serve(request, response)
        const exchange = follow(request, response, requestId)
        if (isForeignPage(request, corsOrigins)) return refuse(response, REFUSALS.FOREIGN)
        if (isOverloaded(request, exchange)) return refuse(response, REFUSALS.OVERLOADED)
        const authentication = await authenticate(request.headers.authorization)
        const isAnonymous = authentication.outcome === 'MISSING' && graphiql !== undefined
        if (authentication.outcome !== 'KNOWN' && !isAnonymous) {
          const { outcome, reason } = authentication
          metrics.requestsRefused.inc({ reason })
          log.info({ requestId, reason }, 'the token is refused')
          return refuse(response, REFUSALS[outcome])
        }
        const received = await receive(request)
        if (exchange.hasHungUp) return
        if ('code' in received) return refuse(response, received)
        if (router?.others === 'REFUSED' && !received.isSigned) return refuse(response, REFUSALS.UNSIGNED)
        const { principal, expiresAt } = authentication.outcome === 'KNOWN' ? authentication : ANONYMOUS
        const isFromRouter = router === undefined || received.isSigned
        return graphql(request, response, { exchange, principal, expiresAt, isFromRouter }, received.body)
      },
    },
  }

  /**
   * The router signs the bytes of a JSON body as they are sent. A GET has its query in the URL, which is not signed, and the
   * same bytes under another content type may be another query.
   */
  async function receive(request: IncomingMessage): Promise<Received | Refusal> {
    const { headers, method } = request
    const accept = acceptedTypes(headers.accept)
    if (accept === undefined) return REFUSALS.NOT_ACCEPTABLE
    headers.accept = accept
    if (method !== 'POST') return { isSigned: false, body: undefined }
    const type = requestType(headers['content-type'])
    if (type === undefined) return REFUSALS.UNKNOWN_TYPE
    headers['content-type'] = type
    const body = await receiveBody(request, mostBodyBytes)
    if (body.outcome === 'NONE') return { isSigned: false, body: undefined }
    if (body.outcome !== 'READ') return REFUSALS[body.outcome]
    const isSigned =
      router !== undefined &&
      type === JSON_TYPE &&
      body.bytes.length > 0 &&
      isSignedBy(router.secret, body.bytes, signatureOf(request))
    return { isSigned, body: body.text }
  }

  function follow({ headers }: IncomingMessage, response: ServerResponse, requestId: string): Exchange {
    const startedAt = clock.now()
    const exchange = new Exchange(requestId, mostCalls, headers['last-event-id'])
    response.once('close', () => {
      const isComplete = response.writableFinished
      const status = isComplete ? String(response.statusCode) : unfinished(response)
      exchange.close(isComplete)
      const milliseconds = clock.now() - startedAt
      timeOf(status).observe(milliseconds / 1000)
      logRequest({ requestId, status, milliseconds, cleverCalls: exchange.ledger.callsOfAll })
    })
    return exchange
  }

  /** Before anything is done for the request. It holds its places until the response has ended. */
  function isOverloaded({ socket, headers }: IncomingMessage, exchange: Exchange): boolean {
    const places = wantsStream(headers.accept) ? inFlight.streams : inFlight.queries
    const where = exchange.enterConnection(inFlight.on(socket)) ? 'process' : 'connection'
    if (where === 'process' && exchange.enter(places)) return false
    metrics.requestsOverloaded.inc({ where })
    return true
  }

  const unfinished = (response: ServerResponse) => (unread.has(response) ? 'not read' : 'hung up')

  function limitReading(response: ServerResponse) {
    limitReadingTime(response, requestTimeout, () => unread.add(response))
  }

  return async (request, response) => {
    const requestId = randomUUID()
    response.setHeader('x-request-id', requestId)
    response.setHeader('cache-control', 'no-store')
    allowOrigin(request, response, corsOrigins)
    try {
      const path = request.url?.split('?', 1)[0] ?? ''
      const route = Object.hasOwn(routes, path) ? routes[path] : undefined
      const refusal = misaddressed(request, names) ?? misunderstood(request)
      if (refusal !== undefined) refuse(response, refusal)
      else if (route === undefined) refuse(response, REFUSALS.NOT_FOUND)
      else if (request.method === 'OPTIONS') answerOptions(request, response, route.methods)
      else if (!route.methods.split(', ').includes(request.method ?? '')) {
        response.setHeader('allow', route.methods)
        refuse(response, REFUSALS.METHOD_NOT_ALLOWED)
      } else await route.handle(request, response, requestId)
    } catch (error) {
      // A client that breaks off in the middle of a body wants no answer.
      if (error instanceof HungUp || (request.destroyed && !request.complete)) return
      log.error({ error, requestId }, 'unexpected error outside of GraphQL')
      if (response.headersSent) response.destroy()
      else refuse(response, REFUSALS.UNEXPECTED)
    } finally {
      // What the kernel has taken needs no limit.
      if (response.writableLength > 0) limitReading(response)
    }
  }

  function answerOptions(request: IncomingMessage, response: ServerResponse, methods: string) {
    response.setHeader('allow', methods)
    if (!isPreflight(request)) response.writeHead(204).end()
    else if (response.hasHeader('access-control-allow-origin')) answerPreflight(request, response, methods)
    else refuse(response, REFUSALS.FOREIGN)
  }
}

/** The histogram of each status, which is looked up by its label once. */
function createStatusTimes({ requests }: Metrics) {
  const times = new Map<string, ReturnType<typeof requests.labels>>()
  return (status: string) => {
    const known = times.get(status) ?? requests.labels(status)
    times.set(status, known)
    return known
  }
}

/** Expectations that node:http leaves to us, and a protocol that is not spoken here. Other upgrades are offers, and ignored. */
function misunderstood({ headers }: IncomingMessage): Refusal | undefined {
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue')
    return REFUSALS.UNMET_EXPECTATION
  return headers.upgrade?.toLowerCase().includes('websocket') ? REFUSALS.WEBSOCKET : undefined
}

function signatureOf({ headers }: IncomingMessage): string | undefined {
  const header = headers[SIGNATURE]
  return typeof header === 'string' ? header : undefined
}
