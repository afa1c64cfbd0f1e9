/** The rate-limit headers of an answer: the state of the token's window. */
export interface RateLimit {
  readonly limit: number
  readonly remaining: number
  /** Undefined where the end of the window is missing or unreadable. */
  readonly window: RateLimitWindow | undefined
}

export interface RateLimitWindow {
  /** When the window closes, in seconds since the epoch on Clever's clock; names the window. */
  readonly reset: number
  /** Milliseconds from the arrival of the answer until the window has certainly closed. */
  readonly closesIn: number
}

type Header = string | string[] | undefined
export type Headers = Readonly<Record<string, Header>>

const WINDOW_MS = 60_000
/** `reset` and `date` are whole seconds, so their difference is off by up to one. */
const ROUNDING = 1_000

/**
 * Undefined where the limit is missing or unreadable; unreadable remaining calls count as all. Several
 * buckets come as comma lists ("200, 1200", as in the test data of Clever's own Python client): the lowest of
 * each counts. Clever's clock is read from `date`, because ours may be wrong.
 */
export function parseRateLimit(headers: Headers, now: number): RateLimit | undefined {
  const limit = Math.min(...numbers(headers['x-ratelimit-limit']))
  if (!(limit >= 1)) return undefined
  const reported = Math.min(...numbers(headers['x-ratelimit-remaining']))
  const remaining = Number.isNaN(reported) ? limit : Math.max(reported, 0)

  return { limit, remaining, window: parseWindow(headers, now) }
}

function parseWindow(headers: Headers, now: number): RateLimitWindow | undefined {
  const date = Date.parse(String(headers.date ?? ''))
  const cleverNow = Number.isNaN(date) ? now : date
  const reported = Math.max(...numbers(headers['x-ratelimit-reset']))
  if (!Number.isFinite(reported)) return undefined
  // A window cannot close later than one that opens now. A later reset is a mistake, and is limited.
  const reset = Math.min(reported, Math.ceil((cleverNow + WINDOW_MS) / 1000))
  return { reset, closesIn: Math.max(reset * 1000 - cleverNow, 0) + ROUNDING }
}

/**
 * One number for each part of a comma list. NaN, which compares as false, for a part that is not a number.
 */
function numbers(header: Header): number[] {
  return String(header ?? '')
    .split(',')
    .map((part) => Number.parseInt(part, 10))
}
