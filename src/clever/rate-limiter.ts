import type { Clock } from '../clock.ts'
import { CleverRateLimited } from '../model/clever-errors.ts'
import { type CallWindow, CallWindows } from './call-windows.ts'
import { type Headers, parseRateLimit } from './rate-limit-headers.ts'
import { createRecentCalls, WINDOW_MS } from './recent-calls.ts'

/** The calls that one token may still send. Clever allows 1,200 in a fixed window of 60 s from the first call. */
export interface RateLimiter {
  /**
   * Resolves when one call may be sent, which it counts. Throws CleverRateLimited at once when that would be after
   * `deadline` (ms since the epoch), and the signal's reason when it is aborted while waiting.
   */
  take(call: LimitedCall): Promise<PendingCall>
  /** How many calls may still be sent in this window. */
  left(): number
  /** The calls that waited, and those that were refused, since the start. */
  readonly counts: LimiterCounts
}

export interface LimiterCounts {
  readonly waits: number
  readonly refusals: number
}

export interface LimitedCall {
  readonly deadline: number
  readonly signal: AbortSignal
  readonly priority: Priority
  /** Aborted when the priority rises while the call waits. */
  readonly urgent?: AbortSignal
}

/** INTERACTIVE: a client waits for the answer. The call goes first. */
export type Priority = 'INTERACTIVE' | 'BACKGROUND'

/** A counted call. Its end must be reported exactly once. */
export interface PendingCall {
  completed(status: number, headers: Headers): void
  /** The connection failed or the request ended. It is not known whether Clever counted the call. */
  lost(): void
  /** No connection could be made, so Clever did not receive the call and it does not count. */
  notSent(): void
}

const MAX_LIMIT = 1_200
const CALL_DURATION_MS = 1_000
/** The part of a window that is never spent in the background. */
const BACKGROUND_RESERVE = 0.5

/**
 * Two counts hold at once. The count of recent calls trusts no header: never more than the limit of our own calls in any
 * 60 s. The count of the window adds the calls by others that Clever's headers show.
 *
 * All times here are `clock.elapsed()`, so that no window becomes shorter or longer when the clock of the host is set.
 */
export function createRateLimiter(clock: Clock, maxLimit = MAX_LIMIT): RateLimiter {
  return new CallQueue(clock, maxLimit)
}

/** Calls wait here until one may be sent. */
class CallQueue implements RateLimiter {
  readonly #clock: Clock
  readonly #windows: CallWindows
  readonly #recent = createRecentCalls()
  /** Interactive calls that wait for the next window. */
  #waiting = 0
  readonly counts = { waits: 0, refusals: 0 }

  constructor(clock: Clock, maxLimit: number) {
    this.#clock = clock
    this.#windows = new CallWindows(maxLimit)
  }

  async take(call: LimitedCall): Promise<PendingCall> {
    const sentIn = await this.#waitForTurn(call)
    return {
      completed: (status, headers) => {
        const now = this.#clock.elapsed()
        this.#recent.end(now)
        this.#windows.answered(sentIn, status, parseRateLimit(headers, this.#clock.now()), now)
      },
      lost: () => {
        const now = this.#clock.elapsed()
        this.#recent.end(now)
        this.#windows.lost(now)
      },
      notSent: () => {
        this.#recent.withdraw()
        this.#windows.withdrawn()
      },
    }
  }

  left(): number {
    const now = this.#clock.elapsed()
    this.#windows.openIfOver(now)
    return Math.max(this.#places(now), 0)
  }

  /** Counts a call as soon as it may be sent, with nothing in between. */
  async #waitForTurn(call: LimitedCall): Promise<CallWindow> {
    let isCounted = false
    try {
      for (;;) {
        call.signal.throwIfAborted()
        const now = this.#clock.elapsed()
        this.#windows.openIfOver(now)
        if (this.#places(now) >= this.#needed(call.priority)) {
          this.#recent.begin()
          return this.#windows.begin()
        }
        const ahead = isCounted ? this.#waiting - 1 : this.#waiting
        if (call.priority === 'INTERACTIVE' && !isCounted) {
          isCounted = true
          this.#waiting += 1
        }
        await this.#waitForPlace(call, now, ahead)
      }
    } finally {
      if (isCounted) this.#waiting -= 1
    }
  }

  /** Waits until there may be a place, or until the call becomes urgent. */
  async #waitForPlace({ deadline, signal, urgent, priority }: LimitedCall, now: number, ahead: number) {
    const turn = this.#turnOf(priority, now, ahead)
    // A call that could not be answered before its deadline does not wait.
    const timeLeft = deadline - this.#clock.now()
    if (turn - now + CALL_DURATION_MS > timeLeft) {
      this.counts.refusals += 1
      throw new CleverRateLimited(Math.ceil((turn - now) / 1000))
    }
    this.counts.waits += 1
    const wake = urgent === undefined || urgent.aborted ? signal : AbortSignal.any([signal, urgent])
    await this.#clock.sleep(turn - now, wake).catch(() => signal.throwIfAborted())
  }

  /**
   * The time when there is a place, as far as is known. `ahead`: the interactive calls that already wait and
   * go first.
   */
  #turnOf(priority: Priority, now: number, ahead: number): number {
    const places = this.#needed(priority)
    const { limit } = this.#windows
    const windowsAhead = Math.floor(ahead / limit) * WINDOW_MS
    const turns = [now]
    if (this.#windows.left() < places) turns.push(this.#windows.closesAt(now) + windowsAhead)
    const lacking = places - this.#leftOfRecent(now)
    if (lacking > 0) turns.push(this.#recent.freeAt(now, lacking + (ahead % limit)) + windowsAhead)
    return Math.max(...turns)
  }

  #leftOfRecent(now: number): number {
    return this.#windows.limit - this.#recent.count(now)
  }

  #places(now: number): number {
    return Math.min(this.#windows.left(), this.#leftOfRecent(now))
  }

  /**
   * The places that must remain: a background call leaves the reserve, and one place for each interactive
   * call that waits.
   */
  #needed(priority: Priority): number {
    return priority === 'INTERACTIVE'
      ? 1
      : Math.floor(this.#windows.limit * BACKGROUND_RESERVE) + this.#waiting + 1
  }
}
