/** The rate-limit state of a token after one call. */
export interface Quota {
  readonly isExceeded: boolean
  /** The number of this call in its window, counted from 1. Refused calls count. */
  readonly inWindow: number
  readonly headers: Readonly<Record<string, string>>
}

export interface RateLimiter {
  take(token: string): Quota
}

const windowMs = 60_000

/**
 * A fixed window per bearer token that starts with the token's first call, not with the clock's minute. The
 * reset header is rounded down to the second, as in github.com/Clever/sphinx: a client that comes back at that
 * very second can still be refused. `now` is in ms since 1970.
 */
export function createRateLimiter(requestsPerMinute: number, now: () => number): RateLimiter {
  const windows = new Map<string, { readonly endsAt: number; calls: number }>()

  function currentWindow(token: string) {
    const held = windows.get(token)
    if (held && now() < held.endsAt) return held
    const fresh = { endsAt: now() + windowMs, calls: 0 }
    windows.set(token, fresh)
    return fresh
  }
  return {
    take(token) {
      const window = currentWindow(token)
      window.calls += 1
      return {
        isExceeded: window.calls > requestsPerMinute,
        inWindow: window.calls,
        headers: {
          'x-ratelimit-bucket': 'bearer',
          'x-ratelimit-limit': String(requestsPerMinute),
          'x-ratelimit-remaining': String(Math.max(0, requestsPerMinute - window.calls)),
          'x-ratelimit-reset': String(Math.floor(window.endsAt / 1000)),
        },
      }
    },
  }
}
