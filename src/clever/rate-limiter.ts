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

/**
 * The count, in Redis, of the calls that all replicas make with one token. Each call needs a permit from it. All times are
 * `clock.elapsed()`.
 */
export interface SharedWindow {
  /** The most calls in any 60 s. It is smaller while Redis is away. */
  limit(now: number): number
  /** How many calls the replicas may still send, as far as this one knows. */
  left(now: number): number
  /** How many calls this replica may begin at once. */
  permits(now: number): number
  /** Asks for more permits. Returns 0 if there are some, otherwise when to ask again, in ms. Never throws. */
  more(): Promise<number>
  begin(): void
  end(): void
  /** The call was never sent. */
  withdraw(): void
  limitTo(limit: number): void
}

/** Clever's limit for each token in 60 s, as documented. */
export const MAX_LIMIT = 1_200
/** The most time between two requests for permits. ms */
const ASK_AGAIN_MS = 1_000
const CALL_DURATION_MS = 1_000
/** The part of a window that is never spent in the background. */
const BACKGROUND_RESERVE = 0.5

/**
 * Two counts hold at once. The count of recent calls trusts no header: never more than the limit of our own calls in any
 * 60 s. The count of the window adds the calls by others that Clever's headers show.
 *
 * All times here are `clock.elapsed()`, so that no window becomes shorter or longer when the clock of the host is set.
 */
export function createRateLimiter(
  clock: Clock,
  maxLimit = MAX_LIMIT,
  sharedWindow?: SharedWindow,
): RateLimiter {
  return new CallQueue(clock, maxLimit, sharedWindow)
}

/** Calls wait here until one may be sent. */
class CallQueue implements RateLimiter {
  readonly #clock: Clock
  readonly #windows: CallWindows
  readonly #recent = createRecentCalls()
  readonly #shared: SharedWindow | undefined
  /** Interactive calls that wait for the next window. */
  #waiting = 0
  readonly counts = { waits: 0, refusals: 0 }

  constructor(clock: Clock, maxLimit: number, sharedWindow: SharedWindow | undefined) {
    this.#clock = clock
    this.#windows = new CallWindows(maxLimit)
    this.#shared = sharedWindow
  }

  async take(call: LimitedCall): Promise<PendingCall> {
    const sentIn = await this.#waitForTurn(call)
    return {
      completed: (status, headers) => {
        const now = this.#clock.elapsed()
        this.#recent.end(now)
        this.#shared?.end()
        this.#windows.answered(sentIn, status, parseRateLimit(headers, this.#clock.now()), now)
        this.#shared?.limitTo(this.#windows.limit)
      },
      lost: () => {
        const now = this.#clock.elapsed()
        this.#recent.end(now)
        this.#shared?.end()
        this.#windows.lost(now)
      },
      notSent: () => {
        this.#recent.withdraw()
        this.#shared?.withdraw()
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
        if (this.#places(now) >= this.#needed(call.priority, now) && this.#permits(now) > 0) {
          this.#recent.begin()
          this.#shared?.begin()
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
  async #waitForPlace(call: LimitedCall, now: number, ahead: number) {
    if (this.#shared !== undefined && this.#ownPlaces(now) >= this.#needed(call.priority, now))
      return this.#waitForPermit(this.#shared, call)
    const pause = this.#turnOf(call.priority, now, ahead) - now
    await this.#pause(call, pause, pause)
  }

  /** The other replicas have used what this one lacks. They may give some of it back at any time. */
  async #waitForPermit(shared: SharedWindow, call: LimitedCall) {
    const pause = await shared.more()
    const now = this.#clock.elapsed()
    const isThere = this.#places(now) >= this.#needed(call.priority, now) && this.#permits(now) > 0
    if (!isThere) await this.#pause(call, pause, ASK_AGAIN_MS)
  }

  /** Pauses for that time, but at most until the call becomes urgent. A call that could not be answered before its deadline throws. */
  async #pause({ deadline, signal, urgent }: LimitedCall, until: number, atMost: number) {
    const timeLeft = deadline - this.#clock.now()
    if (until + CALL_DURATION_MS > timeLeft) {
      this.counts.refusals += 1
      throw new CleverRateLimited(Math.ceil(until / 1000))
    }
    this.counts.waits += 1
    const wake = urgent === undefined || urgent.aborted ? signal : AbortSignal.any([signal, urgent])
    await this.#clock.sleep(Math.min(until, atMost), wake).catch(() => signal.throwIfAborted())
  }

  /**
   * The time when there is a place, as far as is known. `ahead`: the interactive calls that already wait and
   * go first.
   */
  #turnOf(priority: Priority, now: number, ahead: number): number {
    const places = this.#needed(priority, now)
    const limit = Math.max(this.#limit(now), 1)
    const windowsAhead = Math.floor(ahead / limit) * WINDOW_MS
    const turns = [now]
    if (this.#windows.left() < places) turns.push(this.#windows.closesAt(now) + windowsAhead)
    const lacking = places - this.#leftOfRecent(now)
    if (lacking > 0) turns.push(this.#recent.freeAt(now, lacking + (ahead % limit)) + windowsAhead)
    return Math.max(...turns)
  }

  #leftOfRecent(now: number): number {
    return this.#limit(now) - this.#recent.count(now)
  }

  #limit(now: number): number {
    return Math.min(this.#windows.limit, this.#shared?.limit(now) ?? Number.POSITIVE_INFINITY)
  }

  #permits(now: number): number {
    return this.#shared?.permits(now) ?? Number.POSITIVE_INFINITY
  }

  /** The places in the windows that this process counts. */
  #ownPlaces(now: number): number {
    return Math.min(this.#windows.left(), this.#leftOfRecent(now))
  }

  #places(now: number): number {
    return Math.min(this.#ownPlaces(now), this.#shared?.left(now) ?? Number.POSITIVE_INFINITY)
  }

  /**
   * The places that must remain: a background call leaves the reserve, and one place for each interactive
   * call that waits.
   */
  #needed(priority: Priority, now: number): number {
    return priority === 'INTERACTIVE'
      ? 1
      : Math.floor(this.#limit(now) * BACKGROUND_RESERVE) + this.#waiting + 1
  }
}
