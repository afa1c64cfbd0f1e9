import type { RateLimit, RateLimitWindow } from './rate-limit-headers.ts'
import { WINDOW_MS } from './recent-calls.ts'

/**
 * The maximum error of the assumed end of a window: its reset is in whole seconds, and its answer took up to
 * 12 s.
 */
const MAX_RESET_DELAY_MS = 13_000
/**
 * The maximum delay of an answer. An older reset means that Clever's clock was set, or was wrong before. s
 */
const MAX_RESET_BACK = 600

/** One of Clever's rate-limit windows for one token. */
export interface CallWindow {
  sent: number
  /** The highest number of calls that Clever has reported, ours and others'. */
  counted: number
  /** Calls by others with the same token, as far as the headers show. */
  sentByOthers: number
  /** Calls that ended near the end of this window, without headers, and may count in the next one. */
  unaccounted: number
  /** Clever's name for the window; unknown until its first answer. */
  reset: number | undefined
  /** The end by `clock.elapsed()`, never before Clever's own end. */
  closesAt: number | undefined
}

/**
 * Follows Clever's windows for one token. Counts our own calls, so that no concurrency can overrun the window, and reads
 * in the headers what others send with the same token. The end of a window is taken late, never early; calls in flight or
 * unaccounted at that moment count in the next one too, because they may fall on either side of it. The maximum limit
 * holds unless Clever names a smaller one. All times are `clock.elapsed()`, in ms.
 */
export class CallWindows {
  readonly #maxLimit: number
  #limit: number
  #inFlight = 0
  #lastReset = 0
  #window = openWindow(0)

  constructor(maxLimit: number) {
    this.#maxLimit = maxLimit
    this.#limit = maxLimit
  }

  get limit(): number {
    return this.#limit
  }

  /**
   * The calls that may still be sent in this window. Negative if others have sent more calls than Clever's
   * headers showed before.
   */
  left(): number {
    return this.#limit - this.#window.sent - this.#window.sentByOthers
  }

  /** The time when this window closes. A window that no answer has dated yet begins now. */
  closesAt(now: number): number {
    this.#window.closesAt ??= now + WINDOW_MS
    return this.#window.closesAt
  }

  openIfOver(now: number) {
    const { closesAt } = this.#window
    if (closesAt !== undefined && now >= closesAt) this.#openNext()
  }

  /** Counts a call. Returns its window. */
  begin(): CallWindow {
    this.#window.sent += 1
    this.#inFlight += 1
    return this.#window
  }

  answered(sentIn: CallWindow, status: number, seen: RateLimit | undefined, now: number) {
    this.#inFlight -= 1
    // A larger limit may come from a proxy or balancer in front of Clever.
    if (seen !== undefined) this.#limit = Math.min(seen.limit, this.#maxLimit)
    if (seen?.window !== undefined) this.#learn(seen.window, seen.limit - seen.remaining, now)
    else this.#assume(now)
    const window = this.#window
    if (sentIn !== window) return
    window.closesAt ??= now + WINDOW_MS
    if (status === 429) window.sentByOthers = Math.max(window.sentByOthers, this.#limit - window.sent)
  }

  lost(now: number) {
    this.#inFlight -= 1
    this.#assume(now)
  }

  withdrawn() {
    this.#inFlight -= 1
    // A call under way when a window opens is counted in that window too.
    this.#window.sent -= 1
    this.#inferOthers()
  }

  #openNext() {
    this.#lastReset = this.#window.reset ?? this.#lastReset
    this.#window = openWindow(this.#inFlight + this.#window.unaccounted)
  }

  #learn(seen: RateLimitWindow, counted: number, now: number) {
    const closesAt = now + seen.closesIn
    if (seen.reset < Math.max(this.#lastReset, this.#window.reset ?? 0) - MAX_RESET_BACK) {
      this.#lastReset = 0
      this.#window.reset = undefined
    }
    if (seen.reset <= this.#lastReset || seen.reset < (this.#window.reset ?? 0)) return
    if (this.#window.reset !== undefined && seen.reset > this.#window.reset) {
      this.#openNext()
      this.#window.sent += 1
    }
    const window = this.#window
    window.closesAt = window.reset === undefined ? closesAt : Math.min(window.closesAt ?? closesAt, closesAt)
    window.reset = seen.reset
    window.counted = Math.max(window.counted, counted)
    this.#inferOthers()
  }

  #inferOthers() {
    const window = this.#window
    window.sentByOthers = Math.max(window.sentByOthers, window.counted - window.sent)
  }

  /** Clever may have just begun a window with a call whose answer has no rate-limit headers. */
  #assume(now: number) {
    const window = this.#window
    if (window.reset === undefined) window.closesAt = now + WINDOW_MS
    else if (window.closesAt !== undefined && now >= window.closesAt - MAX_RESET_DELAY_MS)
      window.unaccounted += 1
  }
}

function openWindow(sent: number): CallWindow {
  return { sent, counted: 0, sentByOthers: 0, unaccounted: 0, reset: undefined, closesAt: undefined }
}
