import pLimit, { type LimitFunction } from 'p-limit'
import { type Dispatcher, errors } from 'undici'
import type { Clock } from '../clock.ts'
import type { Metrics } from '../metrics.ts'
import { type Budget, createBudget, type Priority } from './budget.ts'
import type { CleverClock } from './clock-skew.ts'
import {
  CleverAnswerInvalid,
  CleverError,
  CleverTimedOut,
  CleverTokenRefused,
  CleverUnavailable,
} from './errors.ts'

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
   * or undefined for 404. Retries what may pass (429 after the reset, 5xx and broken connections with full jitter)
   * within the deadline; otherwise throws one of the CleverErrors, or the signal's reason when the caller has gone.
   */
  get(route: string, path: string, credential: Credential, caller: Caller): Promise<unknown>
}

export interface TransportOptions {
  readonly origin: string
  readonly dispatcher: Dispatcher
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
const RETRIED_STATUS = new Set([500, 502, 503, 504])
const REFUSED_STATUS = new Set([401, 403])
const TIMEOUT_CODES = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'])

/** 429: the budget has been told, and will wait for the reset or refuse. */
const SPENT = Symbol('spent')

export function createTransport({
  origin,
  dispatcher,
  clock,
  cleverClock,
  metrics,
  random,
}: TransportOptions): Transport {
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
      const { statusCode, headers, body } = await dispatcher.request({
        origin,
        path,
        method: 'GET',
        headers: { authorization, accept: 'application/json', 'user-agent': 'clever-contacts-gateway' },
        signal: caller.signal,
      })
      outcome = String(statusCode)
      sent.answered(statusCode, headers)
      cleverClock?.note(headers.date, startedAt, clock.now())
      if (statusCode === 200) return parseJson(await body.text())
      // Nobody waits for a body that nobody reads.
      body.dump().catch(() => {})
      return rejected(statusCode)
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

function rejected(status: number): undefined | typeof SPENT {
  if (status === 404) return undefined
  if (status === 429) return SPENT
  if (REFUSED_STATUS.has(status)) throw new CleverTokenRefused(`status ${status}`, status)
  if (RETRIED_STATUS.has(status)) throw new CleverUnavailable(`status ${status}`)
  throw new CleverAnswerInvalid(`unexpected status ${status}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser's own message quotes the text, which may hold a person's data.
    throw new CleverAnswerInvalid('malformed JSON')
  }
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
