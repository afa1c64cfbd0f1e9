import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

/** The clock is passed in, so that a test can control it. All instants and durations are milliseconds. */
export interface Clock {
  /** Milliseconds since the epoch. Jumps in both directions when the clock of the host is set. */
  now(): number
  /** Milliseconds since the start of the process. Never jumps: use it for pauses, windows and ages of one process. */
  elapsed(): number
  /** Rejects with the signal's reason as soon as it is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
  /** Is aborted with a TimeoutError after this time. */
  timeout(milliseconds: number): AbortSignal
}

export const systemClock: Clock = {
  now: Date.now,
  elapsed: () => performance.now(),
  async sleep(milliseconds, signal) {
    try {
      await delay(milliseconds, undefined, { signal })
    } catch {
      throw signal.reason
    }
  },
  timeout: (milliseconds) => AbortSignal.timeout(milliseconds),
}
