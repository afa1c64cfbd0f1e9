import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises'
import type { CallRecorder } from '../call-log.ts'
import type { FaultSource } from '../faults.ts'
import type { ServedDistrict } from '../roster/district.ts'
import { type Answer, failure, noRoute } from './answer.ts'
import { credentials, type Incoming, readIncoming } from './ask.ts'
import { deliver } from './deliver.ts'
import { apiHeaders } from './headers.ts'
import { type Latency, latencyMs } from './latency.ts'
import { type AppCredentials, getTokenInfo, listTokens } from './oauth.ts'
import type { Cursors } from './page.ts'
import type { RateLimiter } from './rate-limit.ts'
import { matchRoute } from './routes.ts'

export interface CleverApiOptions {
  readonly app: AppCredentials
  readonly districts: readonly ServedDistrict[]
  readonly calls: CallRecorder
  readonly faults: FaultSource
  readonly rateLimiter: RateLimiter
  readonly cursors: Cursors
  readonly maxRows: number
  readonly latency: Latency
  /** Ms since 1970. */
  readonly now: () => number
}

const oauthRoutes: Readonly<Record<string, typeof listTokens>> = {
  '/oauth/tokens': listTokens,
  '/oauth/tokeninfo': getTokenInfo,
}

/** Answers one call the way api.clever.com and clever.com do: count it, limit it, let it fail, answer it. */
export function createCleverApi(options: CleverApiOptions) {
  const { app, districts, calls, faults, rateLimiter, cursors, maxRows, latency, now } = options

  function answerOf(call: Incoming): Answer {
    const oauth = oauthRoutes[call.path.toLowerCase()]
    if (call.method !== 'GET') return noRoute(call.method, call.path)
    if (oauth) return oauth(call, app, districts)
    const match = matchRoute(call.path)
    if (!match) return noRoute(call.method, call.path)
    const district = districtOf(call)
    if (!district) return failure(401, 'Unauthorized')
    return match.handler({ ...call, district, version: match.version, id: match.id, cursors, maxRows })
  }
  function districtOf(call: Incoming) {
    const token = credentials(call, 'Bearer')
    return token === '' ? undefined : districts.find((district) => district.token === token)
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const arrivedAt = performance.now()
    const call = readIncoming(request)
    // Seen on the wire: clever.com/oauth sends no rate-limit headers.
    const isLimited = !call.path.toLowerCase().startsWith('/oauth/')
    const quota = isLimited ? rateLimiter.take(credentials(call, 'Bearer')) : undefined
    const entry = {
      method: call.method,
      path: call.path,
      query: call.search,
      at: now(),
      ...(call.requestId !== undefined && { requestId: call.requestId }),
    }
    const logged = calls.arrived({ ...entry, districtId: districtOf(call)?.id }, quota?.inWindow ?? 0)
    response.once('close', logged.left)

    const isRefused = quota?.isExceeded ?? false
    const fault = isRefused ? undefined : faults.strike(call.path, call.search)
    // All calls that arrived together start their clocks before the first page is put together.
    if (latency !== 'none') await nextTurn()
    const answer: Answer = isRefused ? { status: 429, body: Buffer.alloc(0) } : answerOf(call)
    const tookMs = latencyMs(latency, answer.effort) + (fault?.delayMs ?? 0)
    const common = apiHeaders(call.path, answer.body, tookMs)
    const leftMs = tookMs - (performance.now() - arrivedAt)
    if (leftMs > 0) await wait(leftMs, undefined, { ref: false })
    if (response.destroyed) return
    const headers = { ...quota?.headers, ...common, date: new Date(now()).toUTCString(), ...answer.headers }
    logged.answered(deliver(response, { ...answer, headers }, fault))
  }
}
