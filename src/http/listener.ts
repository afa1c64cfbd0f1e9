import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Authenticate } from '../access/authenticate.ts'
import type { Principal } from '../access/principal.ts'
import { isSignedBy } from '../access/router-signature.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Graphiql } from './graphiql.ts'
import { receiveBody } from './receive-body.ts'
import { answer, REFUSALS, refuse } from './refuse.ts'

/** One HTTP request, from before GraphQL until its log line. */
export interface Incoming {
  readonly requestId: string
  /** Undefined for a preflight, and where GraphiQL lets the schema be read without a token. */
  readonly principal: Principal | undefined
  readonly isFromRouter: boolean
  /** Aborted when whoever asked has hung up. */
  readonly gone: AbortSignal
  /** Calls made to Clever on its behalf. */
  readonly ledger: { calls: number }
}

export interface IncomingContext {
  readonly incoming: Incoming
}

export interface ListenerOptions {
  readonly graphql: (request: IncomingMessage, response: ServerResponse, context: IncomingContext) => unknown
  readonly authenticate: Authenticate
  readonly router: RouterTrust
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly isAccepting: () => boolean
  readonly mostBodyBytes: number
  readonly graphiql: Graphiql | undefined
  /** Under which names it may be asked: on loopback, a foreign page must not get in by a name of its own (DNS rebinding). */
  readonly names: 'any' | 'loopback'
}

/** The secret of the router, if there is one, and whether anybody else may ask anything. */
export type RouterTrust = { readonly secret: string; readonly others: 'ALLOWED' | 'REFUSED' } | undefined

const LOOPBACK_NAME = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i
const SIGNATURE = 'x-router-signature'

/** What stands in front of GraphQL: the other paths, who asks, the size of a body, and one log line a request. */
export function createListener(options: ListenerOptions): RequestListener {
  const { graphql, authenticate, router, clock, log, metrics, isAccepting, mostBodyBytes, graphiql, names } =
    options
  const routes: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => unknown>> = {
    '/health': (_request, response) => {
      const isUp = isAccepting()
      answer(response, isUp ? 200 : 503, { status: isUp ? 'up' : 'shutting down' })
    },
    '/metrics': async (_request, response) => {
      response.setHeader('content-type', metrics.registry.contentType).end(await metrics.registry.metrics())
    },
    '/graphql': async (request, response) => {
      if (graphiql?.isAskedFor(request)) return graphiql.serve(request, response)
      const following = follow(response)
      const authentication = await authenticate(request.headers.authorization)
      const mayBeAnonymous = graphiql !== undefined || request.method === 'OPTIONS'
      const isAnonymous = authentication.outcome === 'MISSING' && mayBeAnonymous
      if (authentication.outcome !== 'KNOWN' && !isAnonymous)
        return refuse(response, REFUSALS[authentication.outcome])
      const body = await receiveBody(request, mostBodyBytes, router === undefined ? 'STREAM' : 'WHOLE')
      if (body === 'TOO_LARGE') return refuse(response, REFUSALS.TOO_LARGE)
      const isSigned = router !== undefined && isSignedBy(router.secret, body ?? '', signatureOf(request))
      if (router?.others === 'REFUSED' && !isSigned) return refuse(response, REFUSALS.UNSIGNED)
      const principal = authentication.outcome === 'KNOWN' ? authentication.principal : undefined
      const incoming = { ...following, principal, isFromRouter: router === undefined || isSigned }
      return graphql(request, response, { incoming })
    },
  }

  function follow(response: ServerResponse): Omit<Incoming, 'principal' | 'isFromRouter'> {
    const startedAt = clock.now()
    const hangUp = new AbortController()
    const incoming = { requestId: randomUUID(), gone: hangUp.signal, ledger: { calls: 0 } }
    response.setHeader('x-request-id', incoming.requestId)
    response.once('close', () => {
      const status = response.writableFinished ? String(response.statusCode) : 'hung up'
      if (!response.writableFinished) hangUp.abort()
      const milliseconds = clock.now() - startedAt
      metrics.requests.observe({ status }, milliseconds / 1000)
      log.info(
        { requestId: incoming.requestId, status, milliseconds, cleverCalls: incoming.ledger.calls },
        'request',
      )
    })
    return incoming
  }

  return async (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? ''
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined
    try {
      if (names === 'loopback' && !LOOPBACK_NAME.test(request.headers.host ?? ''))
        refuse(response, REFUSALS.MISDIRECTED)
      else if (route === undefined) refuse(response, REFUSALS.NOT_FOUND)
      else await route(request, response)
    } catch (error) {
      log.error({ error }, 'unexpected error outside of GraphQL')
      if (response.headersSent) response.destroy()
      else refuse(response, REFUSALS.UNEXPECTED)
    }
  }
}

function signatureOf({ headers }: IncomingMessage): string | undefined {
  const header = headers[SIGNATURE]
  return typeof header === 'string' ? header : undefined
}
