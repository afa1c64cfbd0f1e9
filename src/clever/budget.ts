import type { Clock } from '../clock.ts'
import { CleverRateLimited } from './errors.ts'
import { type Headers, parseRateLimit, type RateLimit } from './rate-limit.ts'

/** The calls that one token may still send. Clever allows 1,200 in a fixed window of 60 s from the first call. */
export interface Budget {
  /**
   * Resolves when one call may be sent, which it counts. Throws CleverRateLimited at once when that would be after
   * `deadline` (ms since the epoch), and the signal's reason when it is aborted while waiting.
   */
  take(call: BudgetCall): Promise<Sent>
  /** How many calls may still be sent in this window. */
  left(): number
}

export interface BudgetCall {
  readonly deadline: number
  readonly signal: AbortSignal
  readonly priority: Priority
  /** Aborted when the priority rises while the call waits. */
  readonly urgent?: AbortSignal
}

/** INTERACTIVE: somebody waits for the answer, and goes first. */
export type Priority = 'INTERACTIVE' | 'BACKGROUND'

/** One call that has been counted; tell how it ended exactly once. */
export interface Sent {
  answered(status: number, headers: Headers): void
  /** The connection failed or the caller left: nobody knows whether Clever counted the call. */
  lost(): void
}

const ASSUMED_LIMIT = 1_200
const WINDOW = 60_000
const TIME_FOR_A_CALL = 1_000
/** How late we may take the end of a window: its reset is whole seconds, and came with an answer that took up to 12 s. */
const LATE = 13_000
/** The part of a window that is never spent in the background. */
const RESERVE = 0.5

interface Window {
  sent: number
  /** Calls with the same token that are not ours, as far as the headers show. */
  sentByOthers: number
  /** Calls that ended without a word of Clever's window so near the end of this one that they may count in the next. */
  adrift: number
  /** Clever's name for the window; unknown until its first answer. */
  reset: number | undefined
  /** Ours, in ms since the epoch: never before Clever's own. */
  closesAt: number | undefined
}

/**
 * Counts what we send ourselves, so that no concurrency can overrun the window, and learns from the headers what
 * others send with the same token. The end of a window is taken late, never early; calls in flight or adrift at that
 * moment count in the next one too, because they may fall on either side of it. `assumedLimit` holds until Clever names its own.
 */
export function createBudget(clock: Clock, assumedLimit = ASSUMED_LIMIT): Budget {
  let limit = assumedLimit
  let inFlight = 0
  let lastReset = 0
  /** Interactive calls that wait for the next window. */
  let waiting = 0
  let window: Window = { sent: 0, sentByOthers: 0, adrift: 0, reset: undefined, closesAt: undefined }

  function openNext() {
    lastReset = window.reset ?? lastReset
    window = {
      sent: inFlight + window.adrift,
      sentByOthers: 0,
      adrift: 0,
      reset: undefined,
      closesAt: undefined,
    }
  }

  function openIfOver(now: number) {
    if (window.closesAt !== undefined && now >= window.closesAt) openNext()
  }

  function learn(seen: RateLimit, now: number) {
    const closesAt = now + seen.closesIn
    if (seen.reset <= lastReset || seen.reset < (window.reset ?? 0)) return
    if (window.reset !== undefined && seen.reset > window.reset) {
      openNext()
      window.sent += 1
    }
    window.closesAt = window.reset === undefined ? closesAt : Math.min(window.closesAt ?? closesAt, closesAt)
    window.reset = seen.reset
    limit = seen.limit
    window.sentByOthers = Math.max(window.sentByOthers, limit - seen.remaining - window.sent)
  }

  /** Whatever window Clever counted the call in, it may have begun with it, just now. */
  function assume(now: number) {
    if (window.reset === undefined) window.closesAt = now + WINDOW
    else if (window.closesAt !== undefined && now >= window.closesAt - LATE) window.adrift += 1
  }

  const left = () => limit - window.sent - window.sentByOthers

  /** What is in the background leaves the reserve, and a place for each interactive call that waits. */
  const mayBeSent = (priority: Priority) =>
    priority === 'INTERACTIVE' ? left() > 0 : left() - waiting > limit * RESERVE

  /**
   * Until the window is over, or the call has become urgent. `ahead`: interactive calls that wait already; the window that
   * opens next has room for so many, and whoever comes after them waits for the one after it.
   */
  async function waitForWindow({ deadline, signal, urgent }: BudgetCall, now: number, ahead: number) {
    window.closesAt ??= now + WINDOW
    const opensAt = window.closesAt
    const turn = opensAt + Math.floor(ahead / limit) * WINDOW
    // Nobody is kept waiting for a call that could not be answered any more.
    if (turn + TIME_FOR_A_CALL > deadline) throw new CleverRateLimited(Math.ceil((turn - now) / 1000))
    const wake = urgent === undefined || urgent.aborted ? signal : AbortSignal.any([signal, urgent])
    await clock.sleep(opensAt - now, wake).catch(() => signal.throwIfAborted())
  }

  /** Counts a call as soon as it may be sent, with nothing in between. */
  async function waitForTurn(call: BudgetCall): Promise<Window> {
    let isCounted = false
    try {
      for (;;) {
        call.signal.throwIfAborted()
        const now = clock.now()
        openIfOver(now)
        if (mayBeSent(call.priority)) {
          window.sent += 1
          inFlight += 1
          return window
        }
        const ahead = isCounted ? waiting - 1 : waiting
        if (call.priority === 'INTERACTIVE' && !isCounted) {
          isCounted = true
          waiting += 1
        }
        await waitForWindow(call, now, ahead)
      }
    } finally {
      if (isCounted) waiting -= 1
    }
  }

  return {
    async take(call) {
      const sentIn = await waitForTurn(call)
      return {
        answered(status, headers) {
          inFlight -= 1
          const now = clock.now()
          const seen = parseRateLimit(headers, now)
          if (seen !== undefined) learn(seen, now)
          else assume(now)
          if (sentIn !== window) return
          window.closesAt ??= now + WINDOW
          if (status === 429) window.sentByOthers = Math.max(window.sentByOthers, limit - window.sent)
        },
        lost() {
          inFlight -= 1
          assume(clock.now())
        },
      }
    },
    left() {
      openIfOver(clock.now())
      return Math.max(left(), 0)
    },
  }
}
