import type { Context, Tracer } from '@opentelemetry/api'
import pLimit, { type LimitFunction } from 'p-limit'
import { type Dispatcher, errors } from 'undici'
import type { Clock } from '../clock.ts'
import type { Metrics } from '../metrics.ts'
import {
  CleverAnswerInvalid,
  CleverError,
  CleverTimedOut,
  CleverUnavailable,
} from '../model/clever-errors.ts'
import { startCallSpan } from '../tracing/call-span.ts'
import { readingTurns } from '../turns.ts'
import type { Body } from './body.ts'
import type { CleverClock } from './clock-skew.ts'
import { createRateLimiter, type Priority, type RateLimiter, type SharedWindow } from './rate-limiter.ts'
import { hasJson, meaningOf, RATE_LIMIT_EXCEEDED, type ReadBody } from './read-answer.ts'
import { NotSent, type OnHead, send } from './send.ts'

/** The request or background work that waits for the answer, and its deadline. */
export interface CallContext {
  /** ms since the epoch. After it, no call is started and no retry is awaited. */
  readonly deadline: number
  /** Aborted at the deadline (TimeoutError) or when the request has ended. */
  readonly signal: AbortSignal
  /**
   * Spent before each call is sent, retries included. `spend` may throw, which ends the call. `remaining`: how many calls
   * it allows.
   */
  readonly allowance: { readonly remaining: number; spend(): void; refund(): void }
  /** Whether a request waits for the answer. Background calls leave room for such calls. */
  readonly priority: Priority
  /** Aborted when the priority rises. */
  readonly urgent?: AbortSignal
  /** The id of the request, or of the first of several requests that share the call. Sent as `x-request-id`. */
  readonly requestId?: string
  /** The trace of that request: the round that is under way is the parent of the call. */
  readonly trace?: { current(): Context }
}

/** The allowance for calls outside of a request. */
export const UNLIMITED_CALLS: CallContext['allowance'] = {
  remaining: Number.POSITIVE_INFINITY,
  spend() {},
  refund() {},
}

export interface Credential {
  /** The value of the Authorization header. */
  readonly authorization: string
  readonly rateLimiter: RateLimiter
  /** Calls beyond this number wait before they are counted, so that no call is counted and then not sent. */
  readonly lane: LimitFunction
}

export function createCredential(
  authorization: string,
  clock: Clock,
  { maxLimit, sharedWindow }: CredentialLimits = {},
): Credential {
  const rateLimiter = createRateLimiter(clock, maxLimit, sharedWindow)
  return { authorization, rateLimiter, lane: pLimit(CALLS_AT_ONCE) }
}

export interface CredentialLimits {
  /** The calls in 60 s; as many as Clever allows unless given. */
  readonly maxLimit?: number | undefined
  readonly sharedWindow?: SharedWindow | undefined
}

export interface Transport {
  /**
   * GET `path`, a path with its query on this origin. `route` is its shape for metrics, without ids. Returns
   * what `read` makes of the body, or undefined for 404. Retries temporary failures within the deadline (429 after the
   * reset, outages and time-outs with full jitter); otherwise throws one of the CleverErrors, or the signal's
   * reason when the request has ended. A call without a connection counts neither for the rate limiter nor
   * for the allowance.
   */
  get<Value>(
    route: string,
    path: string,
    credential: Credential,
    callContext: CallContext,
    read: ReadBody<Value>,
  ): Promise<Value | undefined>
}

export interface TransportOptions {
  readonly origin: string
  readonly dispatcher: Dispatcher
  /** The proxy in between, if any, for error messages. */
  readonly via?: string | undefined
  readonly clock: Clock
  /** Reads the date of each answer. */
  readonly cleverClock?: CleverClock
  readonly metrics: Metrics
  /** Undefined where no SDK for traces is loaded. */
  readonly tracer?: Tracer | undefined
  /** A random number in [0, 1), for the jitter. */
  readonly random: () => number
}

/** With one token. */
const CALLS_AT_ONCE = 64
const ATTEMPTS = 4
const FIRST_PAUSE_MS = 100
const MAX_PAUSE_MS = 2_000
const TIMEOUT_CODES = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

export function createTransport({
  origin,
  dispatcher,
  via,
  clock,
  cleverClock,
  metrics,
  tracer,
  random,
}: TransportOptions): Transport {
  const { host, hostname } = new URL(origin)
  const where = via === undefined ? host : `${host} through the proxy ${via}`

  /** The body of a 200, or else what the answer means. */
  async function exchange(
    route: string,
    path: string,
    { authorization, rateLimiter }: Credential,
    callContext: CallContext,
  ): Promise<Body | ReturnType<typeof meaningOf>> {
    callContext.signal.throwIfAborted()
    callContext.allowance.spend()
    const sent = await rateLimiter.take(callContext).catch((error: unknown) => {
      callContext.allowance.refund()
      throw error
    })
    const startedAt = clock.now()
    const span = tracer && startCallSpan(tracer, route, hostname, callContext.trace?.current())
    let outcome = 'lost'
    const onHead: OnHead = (statusCode, headers) => {
      outcome = String(statusCode)
      sent.completed(statusCode, headers)
      cleverClock?.note(headers.date, startedAt, clock.now())
      return hasJson(statusCode, headers)
    }
    try {
      const call = { origin, path, method: 'GET', headers: headersOf(authorization, callContext) } as const
      const body = await send(dispatcher, call, callContext.signal, onHead)
      return body ?? meaningOf(Number(outcome))
    } catch (error) {
      if (!(error instanceof NotSent)) throw error
      outcome = 'not sent'
      sent.notSent()
      callContext.allowance.refund()
      throw nameUnsent(error.cause, callContext.signal, where)
    } finally {
      if (outcome === 'lost') sent.lost()
      span?.end(outcome)
      metrics.cleverCalls.observe({ route, status: outcome }, (clock.now() - startedAt) / 1000)
    }
  }

  async function attempt<Value>(
    route: string,
    path: string,
    credential: Credential,
    callContext: CallContext,
    read: ReadBody<Value>,
  ): Promise<{ readonly value: Value | undefined } | typeof RATE_LIMIT_EXCEEDED | CleverError> {
    try {
      const answer = await credential.lane(() => exchange(route, path, credential, callContext))
      if (answer === RATE_LIMIT_EXCEEDED) return RATE_LIMIT_EXCEEDED
      if (answer === undefined) return { value: undefined }
      await readingTurns.wait()
      return { value: await read(answer) }
    } catch (error) {
      return nameFailure(error, callContext.signal)
    }
  }

  return {
    async get(route, path, credential, callContext, read) {
      for (let count = 1; ; count += 1) {
        const result = await attempt(route, path, credential, callContext, read)
        if (result === RATE_LIMIT_EXCEEDED) continue
        if (!(result instanceof CleverError)) return result.value

        const pause = random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** count)
        const mayPass = result instanceof CleverUnavailable || result instanceof CleverTimedOut
        if (!mayPass || count >= ATTEMPTS || clock.now() + pause >= callContext.deadline) throw result
        await clock.sleep(pause, callContext.signal).catch((reason: unknown) => {
          throw nameFailure(reason, callContext.signal)
        })
      }
    },
  }
}

function headersOf(authorization: string, { requestId }: CallContext): Record<string, string> {
  const headers = { authorization, accept: 'application/json', 'user-agent': 'clever-contacts-gateway' }
  return requestId === undefined ? headers : { ...headers, 'x-request-id': requestId }
}

/** If a proxy refuses to connect, only the message of the error shows it, because the error has no code. */
function nameUnsent(error: unknown, signal: AbortSignal, where: string): CleverError {
  const isOfConnection = isConnectionFailure(error) && !(error instanceof errors.InvalidArgumentError)
  if (signal.aborted || !isOfConnection) return nameFailure(error, signal)
  const [, status] = /^Proxy response \((\d+)\)/.exec(error.message) ?? []
  return new CleverUnavailable(status === undefined ? error.code : `the proxy answered ${status}`, where)
}

/** Rethrows the signal's reason when the request has ended: nothing waits for the error. */
export function nameFailure(error: unknown, signal: AbortSignal): CleverError {
  if (error instanceof CleverError) return error
  if (signal.aborted) {
    if (signal.reason?.name === 'TimeoutError') return new CleverTimedOut('the deadline has passed')
    throw signal.reason
  }
  if (error instanceof errors.UndiciError) {
    if (TIMEOUT_CODES.has(error.code)) return new CleverTimedOut(error.code)
    if (error instanceof errors.ResponseExceededMaxSizeError) return new CleverAnswerInvalid(error.code)
    if (error instanceof errors.InvalidArgumentError) return new CleverAnswerInvalid(error.code)
  }
  if (error instanceof errors.HTTPParserError) return new CleverUnavailable('no HTTP')
  if (isConnectionFailure(error)) return new CleverUnavailable(error.code)
  throw error
}

/** undici passes on the errors of sockets, which have codes (ECONNRESET, UND_ERR_SOCKET …). */
function isConnectionFailure(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}
