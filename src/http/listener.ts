import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Graphiql } from './graphiql.ts'
import { receiveBody } from './receive-body.ts'

/** One HTTP request, from before GraphQL until its log line. */
export interface Incoming {
  readonly requestId: string
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
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly isAccepting: () => boolean
  readonly mostBodyBytes: number
  readonly graphiql: Graphiql | undefined
  /** Under which names it may be asked: on loopback, a foreign page must not get in by a name of its own (DNS rebinding). */
  readonly names: 'any' | 'loopback'
}

const LOOPBACK_NAME = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i

/** What stands in front of GraphQL: the other paths, the size of a body, and one log line a request. */
export function createListener({
  graphql,
  clock,
  log,
  metrics,
  isAccepting,
  mostBodyBytes,
  graphiql,
  names,
}: ListenerOptions): RequestListener {
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
      const incoming = follow(response)
      const refusal = await receiveBody(request, mostBodyBytes)
      if (refusal === undefined) return graphql(request, response, { incoming })
      refuse(response, refusal.status, refusal.code, refusal.message)
    },
  }

  function follow(response: ServerResponse): Incoming {
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
      if (names === 'loopback' && !LOOPBACK_NAME.test(request.headers.host ?? '')) {
        refuse(
          response,
          421,
          'MISDIRECTED_REQUEST',
          'This gateway is on loopback and answers to localhost only.',
        )
      } else if (route === undefined)
        refuse(response, 404, 'NOT_FOUND', 'There is nothing here. GraphQL is at /graphql.')
      else await route(request, response)
    } catch (error) {
      log.error({ error }, 'unexpected error outside of GraphQL')
      if (response.headersSent) response.destroy()
      else refuse(response, 500, 'INTERNAL_SERVER_ERROR', 'Unexpected error.')
    }
  }
}

function refuse(response: ServerResponse, status: number, code: string, message: string) {
  answer(response, status, { errors: [{ message, extensions: { code } }] })
}

function answer(response: ServerResponse, status: number, json: object) {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(json))
}
