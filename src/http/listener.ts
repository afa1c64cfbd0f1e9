import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { HungUp } from '../execution/answer.ts'
import { Admission, type AdmissionOptions } from './admission.ts'
import { allowOrigin, answerPreflight, isPreflight } from './cors.ts'
import { type AllowedHosts, isWrongHost } from './hosts.ts'
import { limitReadingTime } from './reading-time.ts'
import { REFUSALS, type Refusal, refuse } from './refuse.ts'
import { requestIdOf } from './request-id.ts'
import { type Route, type StatusOptions, statusRoutes } from './status-routes.ts'

export interface ListenerOptions extends StatusOptions, AdmissionOptions {
  /** The time within which a client must continue to read its answer. ms */
  readonly requestTimeout: number
  readonly names: AllowedHosts
}

/** Leads each request to the route of its path. Refuses requests that no route takes, and answers unexpected errors. */
export function createListener(options: ListenerOptions): RequestListener {
  const { log, requestTimeout, corsOrigins, names, readiness } = options
  const unread = new WeakSet<ServerResponse>()
  const admission = new Admission(options, unread)
  const routes: Readonly<Record<string, Route>> = {
    ...statusRoutes(options),
    '/graphql': {
      methods: 'GET, POST, OPTIONS',
      handle: (request, response, requestId) => admission.handle(request, response, requestId),
    },
  }

  function limitReading(response: ServerResponse) {
    limitReadingTime(response, requestTimeout, () => unread.add(response))
  }

  return async (request, response) => {
    const requestId = requestIdOf(request.headers)
    response.setHeader('x-request-id', requestId)
    response.setHeader('cache-control', 'no-store')
    if (readiness.isDraining) response.setHeader('connection', 'close')
    allowOrigin(request, response, corsOrigins)
    try {
      const path = request.url?.split('?', 1)[0] ?? ''
      const route = Object.hasOwn(routes, path) ? routes[path] : undefined
      const refusal = isWrongHost(request, names) ?? misunderstood(request)
      if (refusal !== undefined) refuse(response, refusal)
      else if (route === undefined) refuse(response, REFUSALS.NOT_FOUND)
      else if (request.method === 'OPTIONS') answerOptions(request, response, route.methods)
      else if (!route.methods.split(', ').includes(request.method ?? '')) {
        response.setHeader('allow', route.methods)
        refuse(response, REFUSALS.METHOD_NOT_ALLOWED)
      } else await route.handle(request, response, requestId)
    } catch (error) {
      // A client that disconnects in the middle of a body gets no answer.
      if (error instanceof HungUp || (request.destroyed && !request.complete)) return
      log.error({ error, requestId }, 'unexpected error outside of GraphQL')
      if (response.headersSent) response.destroy()
      else refuse(response, REFUSALS.UNEXPECTED)
    } finally {
      // Answers that the kernel has taken completely need no limit.
      if (response.writableLength > 0) limitReading(response)
    }
  }
}

function answerOptions(request: IncomingMessage, response: ServerResponse, methods: string) {
  response.setHeader('allow', methods)
  if (!isPreflight(request)) response.writeHead(204).end()
  else if (response.hasHeader('access-control-allow-origin')) answerPreflight(request, response, methods)
  else refuse(response, REFUSALS.FOREIGN)
}

/** Expectations that node:http leaves to us, and a protocol that is not spoken here. Other upgrades are offers, and ignored. */
function misunderstood({ headers }: IncomingMessage): Refusal | undefined {
  if (headers.expect !== undefined && headers.expect.toLowerCase() !== '100-continue')
    return REFUSALS.UNMET_EXPECTATION
  return headers.upgrade?.toLowerCase().includes('websocket') ? REFUSALS.WEBSOCKET : undefined
}
