import { setTimeout as delay } from 'node:timers/promises'

/** Time is passed in, so that a test can hold it. All instants and durations are milliseconds. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Rejects with the signal's reason as soon as it is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

export const systemClock: Clock = {
  now: Date.now,
  async sleep(milliseconds, signal) {
    try {
      await delay(milliseconds, undefined, { signal })
    } catch {
      throw signal.reason
    }
  },
}
