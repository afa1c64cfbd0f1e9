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
import type { CleverClock } from './clock-skew.ts'
import { type Budget, createBudget, type Priority } from './rate-limiter.ts'
import { readAnswer, SPENT } from './read-answer.ts'
import { NotSent, send } from './send.ts'

/** Who waits for the answer, and how long. */
export interface Caller {
  /** ms since the epoch; no call is begun, and no retry awaited, beyond it. */
  readonly deadline: number
  /** Aborted at the deadline (TimeoutError) or when the caller has gone. */
  readonly signal: AbortSignal
  /** Told of each call before it is sent, retries included; may throw, which ends the call. `left`: how many it allows. */
  readonly ledger: { readonly left: number; spend(): void; giveBack(): void }
  /** Whether somebody waits for the answer. What only prepares for later leaves them their calls. */
  readonly priority: Priority
  /** Aborted when the priority rises. */
  readonly urgent?: AbortSignal
}

/** Of whoever asks on nobody's behalf. */
export const UNLIMITED: Caller['ledger'] = { left: Number.POSITIVE_INFINITY, spend() {}, giveBack() {} }

export interface Credential {
  /** The value of the Authorization header. */
  readonly authorization: string
  readonly budget: Budget
  /** Calls beyond it wait their turn before they are counted, so that none is counted and then not sent. */
  readonly lane: LimitFunction
}

export function createCredential(authorization: string, clock: Clock): Credential {
  return { authorization, budget: createBudget(clock), lane: pLimit(CALLS_AT_ONCE) }
}

export interface Transport {
  /**
   * GET `path`, a path with its query on this origin. `route` is its shape for metrics, without ids. The parsed JSON,
   * or undefined for 404. Retries what may pass (429 after the reset, outages and time-outs with full jitter) within the
   * deadline; otherwise throws one of the CleverErrors, or the signal's reason when the caller has gone. A call for which
   * no connection could be made costs neither the budget nor the ledger anything.
   */
  get(route: string, path: string, credential: Credential, caller: Caller): Promise<unknown>
}

export interface TransportOptions {
  readonly origin: string
  readonly dispatcher: Dispatcher
  /** The proxy in between, if any, for error messages. */
  readonly via?: string | undefined
  readonly clock: Clock
  /** Learns from the date of each answer. */
  readonly cleverClock?: CleverClock
  readonly metrics: Metrics
  /** In [0, 1), for the jitter. */
  readonly random: () => number
}

/** With one token. */
const CALLS_AT_ONCE = 64
const ATTEMPTS = 4
const FIRST_PAUSE = 100
const LONGEST_PAUSE = 2_000
const TIMEOUT_CODES = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

export function createTransport({
  origin,
  dispatcher,
  via,
  clock,
  cleverClock,
  metrics,
  random,
}: TransportOptions): Transport {
  const { host } = new URL(origin)
  const where = via === undefined ? host : `${host} through the proxy ${via}`

  async function exchange(
    route: string,
    path: string,
    { authorization, budget }: Credential,
    caller: Caller,
  ) {
    caller.signal.throwIfAborted()
    caller.ledger.spend()
    const sent = await budget.take(caller).catch((error: unknown) => {
      caller.ledger.giveBack()
      throw error
    })
    const startedAt = clock.now()
    let outcome = 'lost'
    try {
      const response = await send(dispatcher, {
        origin,
        path,
        method: 'GET',
        headers: { authorization, accept: 'application/json', 'user-agent': 'clever-contacts-gateway' },
        signal: caller.signal,
      })
      const { statusCode, headers } = response
      outcome = String(statusCode)
      sent.answered(statusCode, headers)
      cleverClock?.note(headers.date, startedAt, clock.now())
      return await readAnswer(response)
    } catch (error) {
      if (!(error instanceof NotSent)) throw error
      outcome = 'not sent'
      sent.withdrawn()
      caller.ledger.giveBack()
      throw nameUnsent(error.cause, caller.signal, where)
    } finally {
      if (outcome === 'lost') sent.lost()
      metrics.cleverCalls.observe({ route, status: outcome }, (clock.now() - startedAt) / 1000)
    }
  }

  return {
    async get(route, path, credential, caller) {
      for (let attempt = 1; ; attempt += 1) {
        const failure = await credential
          .lane(() => exchange(route, path, credential, caller))
          .then(
            (json) => (json === SPENT ? SPENT : { json }),
            (error: unknown) => nameFailure(error, caller.signal),
          )
        if (failure === SPENT) continue
        if (!(failure instanceof CleverError)) return failure.json

        const pause = random() * Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** attempt)
        const mayPass = failure instanceof CleverUnavailable || failure instanceof CleverTimedOut
        if (!mayPass || attempt >= ATTEMPTS || clock.now() + pause >= caller.deadline) throw failure
        await clock.sleep(pause, caller.signal).catch((reason: unknown) => {
          throw nameFailure(reason, caller.signal)
        })
      }
    },
  }
}

/** A proxy that refuses to connect says so in the message of an error without a code of its own. */
function nameUnsent(error: unknown, signal: AbortSignal, where: string): CleverError {
  const isOfConnection = isConnectionFailure(error) && !(error instanceof errors.InvalidArgumentError)
  if (signal.aborted || !isOfConnection) return nameFailure(error, signal)
  const [, status] = /^Proxy response \((\d+)\)/.exec(error.message) ?? []
  return new CleverUnavailable(status === undefined ? error.code : `the proxy answered ${status}`, where)
}

/** Rethrows the signal's reason when the caller has gone: there is nobody to tell. */
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

/** undici passes on the socket's own errors, which carry a code (ECONNRESET, UND_ERR_SOCKET …). */
function isConnectionFailure(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
}
