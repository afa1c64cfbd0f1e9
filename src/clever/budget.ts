import type { Clock } from '../clock.ts'
import { CleverRateLimited } from './errors.ts'
import { type Headers, parseRateLimit, type RateLimitWindow } from './rate-limit.ts'
import { createRecentCalls, WINDOW } from './recent-calls.ts'

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
  /** No connection could be made, so that Clever knows nothing of the call: it does not count. */
  withdrawn(): void
}

const MAX_LIMIT = 1_200
const TIME_FOR_A_CALL = 1_000
/** How late we may take the end of a window: its reset is whole seconds, and came with an answer that took up to 12 s. */
const LATE = 13_000
/** An answer is never this late. A reset that lies further back means that Clever's clock was set, or was wrong before. s */
const MAX_RESET_BACK = 600
/** The part of a window that is never spent in the background. */
const RESERVE = 0.5

interface Window {
  sent: number
  /** The most calls that Clever has said it counted, ours and others'. */
  counted: number
  /** Calls with the same token that are not ours, as far as the headers show. */
  sentByOthers: number
  /** Calls that ended without a word of Clever's window so near the end of this one that they may count in the next. */
  adrift: number
  /** Clever's name for the window; unknown until its first answer. */
  reset: number | undefined
  /** By `clock.elapsed()`: never before Clever's own. */
  closesAt: number | undefined
}

/**
 * Two counts hold at once. The one of recent calls trusts no header: never more than the limit of our own calls in any
 * 60 s. The one of the window adds what Clever says of calls by others.
 *
 * The window counts what we send ourselves, so that no concurrency can overrun the window, and learns from the headers what
 * others send with the same token. The end of a window is taken late, never early; calls in flight or adrift at that
 * moment count in the next one too, because they may fall on either side of it. `maxLimit` holds unless Clever names a smaller one.
 *
 * All times here are `clock.elapsed()`, so that no window becomes shorter or longer when the clock of the host is set.
 */
export function createBudget(clock: Clock, maxLimit = MAX_LIMIT): Budget {
  let limit = maxLimit
  let inFlight = 0
  let lastReset = 0
  /** Interactive calls that wait for the next window. */
  let waiting = 0
  let window: Window = {
    sent: 0,
    counted: 0,
    sentByOthers: 0,
    adrift: 0,
    reset: undefined,
    closesAt: undefined,
  }
  const recent = createRecentCalls()

  function openNext() {
    lastReset = window.reset ?? lastReset
    window = {
      sent: inFlight + window.adrift,
      counted: 0,
      sentByOthers: 0,
      adrift: 0,
      reset: undefined,
      closesAt: undefined,
    }
  }

  function openIfOver(now: number) {
    if (window.closesAt !== undefined && now >= window.closesAt) openNext()
  }

  function learn(seen: RateLimitWindow, counted: number, now: number) {
    const closesAt = now + seen.closesIn
    if (seen.reset < Math.max(lastReset, window.reset ?? 0) - MAX_RESET_BACK) {
      lastReset = 0
      window.reset = undefined
    }
    if (seen.reset <= lastReset || seen.reset < (window.reset ?? 0)) return
    if (window.reset !== undefined && seen.reset > window.reset) {
      openNext()
      window.sent += 1
    }
    window.closesAt = window.reset === undefined ? closesAt : Math.min(window.closesAt ?? closesAt, closesAt)
    window.reset = seen.reset
    window.counted = Math.max(window.counted, counted)
    inferOthers()
  }

  function inferOthers() {
    window.sentByOthers = Math.max(window.sentByOthers, window.counted - window.sent)
  }

  /** Whatever window Clever counted the call in, it may have begun with it, just now. */
  function assume(now: number) {
    if (window.reset === undefined) window.closesAt = now + WINDOW
    else if (window.closesAt !== undefined && now >= window.closesAt - LATE) window.adrift += 1
  }

  const leftInWindow = () => limit - window.sent - window.sentByOthers
  const leftOfRecent = (now: number) => limit - recent.count(now)

  /** Places that must be left: a background call leaves the reserve, and one for each interactive call that waits. */
  const needed = (priority: Priority) =>
    priority === 'INTERACTIVE' ? 1 : Math.floor(limit * RESERVE) + waiting + 1

  /** When there is a place, as far as can be told. `ahead`: interactive calls that wait already, and go first. */
  function turnOf(priority: Priority, now: number, ahead: number): number {
    const places = needed(priority)
    const windowsAhead = Math.floor(ahead / limit) * WINDOW
    const turns = [now]
    if (leftInWindow() < places) {
      window.closesAt ??= now + WINDOW
      turns.push(window.closesAt + windowsAhead)
    }
    const lacking = places - leftOfRecent(now)
    if (lacking > 0) turns.push(recent.freeAt(now, lacking + (ahead % limit)) + windowsAhead)
    return Math.max(...turns)
  }

  /** Until there may be a place, or the call has become urgent. */
  async function waitForPlace(
    { deadline, signal, urgent, priority }: BudgetCall,
    now: number,
    ahead: number,
  ) {
    const turn = turnOf(priority, now, ahead)
    // A call that could not be answered any more does not wait.
    const timeLeft = deadline - clock.now()
    if (turn - now + TIME_FOR_A_CALL > timeLeft) throw new CleverRateLimited(Math.ceil((turn - now) / 1000))
    const wake = urgent === undefined || urgent.aborted ? signal : AbortSignal.any([signal, urgent])
    await clock.sleep(turn - now, wake).catch(() => signal.throwIfAborted())
  }

  /** Counts a call as soon as it may be sent, with nothing in between. */
  async function waitForTurn(call: BudgetCall): Promise<Window> {
    let isCounted = false
    try {
      for (;;) {
        call.signal.throwIfAborted()
        const now = clock.elapsed()
        openIfOver(now)
        if (Math.min(leftInWindow(), leftOfRecent(now)) >= needed(call.priority)) {
          window.sent += 1
          inFlight += 1
          recent.begin()
          return window
        }
        const ahead = isCounted ? waiting - 1 : waiting
        if (call.priority === 'INTERACTIVE' && !isCounted) {
          isCounted = true
          waiting += 1
        }
        await waitForPlace(call, now, ahead)
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
          const now = clock.elapsed()
          recent.end(now)
          const seen = parseRateLimit(headers, clock.now())
          // A larger one may come from a proxy or balancer in front of Clever.
          if (seen !== undefined) limit = Math.min(seen.limit, maxLimit)
          if (seen?.window !== undefined) learn(seen.window, seen.limit - seen.remaining, now)
          else assume(now)
          if (sentIn !== window) return
          window.closesAt ??= now + WINDOW
          if (status === 429) window.sentByOthers = Math.max(window.sentByOthers, limit - window.sent)
        },
        lost() {
          inFlight -= 1
          const now = clock.elapsed()
          recent.end(now)
          assume(now)
        },
        withdrawn() {
          inFlight -= 1
          recent.withdraw()
          // A call under way when a window opens is counted in that window too.
          window.sent -= 1
          inferOthers()
        },
      }
    },
    left() {
      const now = clock.elapsed()
      openIfOver(now)
      return Math.max(Math.min(leftInWindow(), leftOfRecent(now)), 0)
    },
  }
}
