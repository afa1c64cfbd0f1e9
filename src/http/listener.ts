import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Authenticate } from '../access/authenticate.ts'
import type { Principal } from '../access/principal.ts'
import { isSignedBy } from '../access/router-signature.ts'
import type { Clock } from '../clock.ts'
import { createLedger, type Ledger } from '../loaders/allowance.ts'
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
  /** From when on the token of the principal will not do any more. ms since the epoch */
  readonly expiresAt: number | undefined
  readonly isFromRouter: boolean
  /** Aborted when whoever asked has hung up. */
  readonly gone: AbortSignal
  /** Aborted when there is nobody to answer any more, whether all was said or not. */
  readonly over: AbortSignal
  /** Calls made to Clever on its behalf. */
  readonly ledger: Ledger
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
  /** Why the file of overrides is refused while older ones are in force, without its content; empty while it is in force. */
  readonly overridesProblems: () => readonly string[]
  /** The calls to Clever that one request may cost. */
  readonly mostCalls: number
  /** Pages of these origins may ask; those of others are refused, as they could spend calls without seeing the answer. */
  readonly corsOrigins: readonly string[]
  readonly mostBodyBytes: number
  readonly graphiql: Graphiql | undefined
  /** Under which names it may be asked: on loopback, a foreign page must not get in by a name of its own (DNS rebinding). */
  readonly names: 'any' | 'loopback'
}

/** The secret of the router, if there is one, and whether anybody else may ask anything. */
export type RouterTrust = { readonly secret: string; readonly others: 'ALLOWED' | 'REFUSED' } | undefined

const LOOPBACK_NAME = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i
const SIGNATURE = 'x-router-signature'
const ANONYMOUS = { principal: undefined, expiresAt: undefined }

/** What stands in front of GraphQL: the other paths, who asks, the size of a body, and one log line a request. */
export function createListener(options: ListenerOptions): RequestListener {
  const {
    graphql,
    authenticate,
    router,
    clock,
    log,
    metrics,
    overridesProblems,
    mostCalls,
    mostBodyBytes,
    corsOrigins,
    graphiql,
    names,
  } = options
  const routes: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => unknown>> = {
    '/health': (_request, response) => answer(response, 200, { status: 'up' }),
    '/ready': (_request, response) => {
      const problems = overridesProblems()
      const overrides =
        problems.length === 0
          ? { overrides: 'current' }
          : { overrides: 'last good', overridesProblems: problems }
      answer(response, 200, { status: 'ready', ...overrides })
    },
    '/metrics': async (_request, response) => {
      response.setHeader('content-type', metrics.registry.contentType).end(await metrics.registry.metrics())
    },
    '/graphql': async (request, response) => {
      if (graphiql?.isAskedFor(request)) return graphiql.serve(request, response)
      if (isForeignPage(request, corsOrigins)) return refuse(response, REFUSALS.FOREIGN)
      const following = follow(response)
      const authentication = await authenticate(request.headers.authorization)
      const mayBeAnonymous = graphiql !== undefined || request.method === 'OPTIONS'
      const isAnonymous = authentication.outcome === 'MISSING' && mayBeAnonymous
      if (authentication.outcome !== 'KNOWN' && !isAnonymous)
        return refuse(response, REFUSALS[authentication.outcome])
      const body = await receiveBody(request, mostBodyBytes, router === undefined ? 'STREAM' : 'WHOLE')
      if (body === 'TOO_LARGE') return refuse(response, REFUSALS.TOO_LARGE)
      // A request without a body has all in its URL, which nobody signs.
      const isSigned = router !== undefined && !!body && isSignedBy(router.secret, body, signatureOf(request))
      if (router?.others === 'REFUSED' && !isSigned) return refuse(response, REFUSALS.UNSIGNED)
      const { principal, expiresAt } = authentication.outcome === 'KNOWN' ? authentication : ANONYMOUS
      const isFromRouter = router === undefined || isSigned
      const incoming = { ...following, principal, expiresAt, isFromRouter }
      return graphql(request, response, { incoming })
    },
  }

  function follow(response: ServerResponse): Omit<Incoming, 'principal' | 'expiresAt' | 'isFromRouter'> {
    const startedAt = clock.now()
    const hangUp = new AbortController()
    const end = new AbortController()
    const incoming = {
      requestId: randomUUID(),
      gone: hangUp.signal,
      over: end.signal,
      ledger: createLedger(mostCalls),
    }
    response.setHeader('x-request-id', incoming.requestId)
    response.setHeader('cache-control', 'no-store')
    response.once('close', () => {
      const status = response.writableFinished ? String(response.statusCode) : 'hung up'
      if (!response.writableFinished) hangUp.abort()
      end.abort()
      const milliseconds = clock.now() - startedAt
      metrics.requests.observe({ status }, milliseconds / 1000)
      log.info(
        { requestId: incoming.requestId, status, milliseconds, cleverCalls: incoming.ledger.callsOfAll },
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
      // Whoever breaks off in the midst of a body wants no answer.
      if (request.destroyed && !request.complete) return
      log.error({ error }, 'unexpected error outside of GraphQL')
      if (response.headersSent) response.destroy()
      else refuse(response, REFUSALS.UNEXPECTED)
    }
  }
}

/** By the browser's own word, which a page cannot change. Preflights are answered by the list of origins itself. */
function isForeignPage({ method, headers }: IncomingMessage, corsOrigins: readonly string[]): boolean {
  const site = headers['sec-fetch-site']
  if (method === 'OPTIONS' || (site !== 'cross-site' && site !== 'same-site')) return false
  return headers.origin === undefined || !corsOrigins.includes(headers.origin)
}

function signatureOf({ headers }: IncomingMessage): string | undefined {
  const header = headers[SIGNATURE]
  return typeof header === 'string' ? header : undefined
}
