import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'

/** Clever's clock, as the `date` headers of its answers show it. All times are ms since the epoch. */
export interface CleverClock {
  /**
   * Reads the `date` header of one answer. Clever wrote it between `sentAt` and `receivedAt`, both by our clock. A header
   * that cannot be read is ignored.
   */
  note(date: string | string[] | undefined, sentAt: number, receivedAt: number): void
  /** The present by Clever's clock. */
  now(): number
  /** A time by Clever's clock, converted to ours. */
  toOurs(time: number): number
}

/** `date` has whole seconds. */
const RESOLUTION_MS = 1_000
/** A smaller difference is normal. */
const NOTEWORTHY_SKEW_MS = 3_000
/** A header that differs by more than a day does not come from a clock that is merely wrong. */
const MAX_SKEW_MS = 86_400_000

/**
 * Keeps the narrowest interval for the difference (Clever's clock minus ours) that all recent headers agree
 * on. A header that contradicts the interval means that a clock has been set, and starts a new one. Where the
 * interval contains zero, the clocks agree.
 */
export function createCleverClock(clock: Clock, log: Logger, metrics: Metrics): CleverClock {
  let interval = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }
  let skew = 0
  let logged = 0

  function report() {
    metrics.cleverClockSkew.set(skew / 1_000)
    const isNoteworthy = Math.abs(skew) > NOTEWORTHY_SKEW_MS
    if (isNoteworthy ? Math.abs(skew - logged) < NOTEWORTHY_SKEW_MS : logged === 0) return
    const seconds = Math.round(skew / 1_000)
    if (isNoteworthy) log.warn({ seconds }, "Clever's clock differs from ours: set the clock of this host")
    else log.info({ seconds }, "Clever's clock agrees with ours again")
    logged = isNoteworthy ? skew : 0
  }

  return {
    note(date, sentAt, receivedAt) {
      const written = Date.parse(String(date ?? ''))
      const seen = { from: written - receivedAt, to: written + RESOLUTION_MS - sentAt }
      const isBelievable = Math.abs(seen.from) <= MAX_SKEW_MS && Math.abs(seen.to) <= MAX_SKEW_MS
      if (!isBelievable) return
      const both = { from: Math.max(interval.from, seen.from), to: Math.min(interval.to, seen.to) }
      interval = both.from <= both.to ? both : seen
      const nearest = Math.min(Math.max(0, interval.from), interval.to)
      if (nearest === skew) return
      skew = nearest
      report()
    },
    now: () => clock.now() + skew,
    toOurs: (time) => time - skew,
  }
}
