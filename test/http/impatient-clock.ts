import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'

/** The pauses between two attempts of one call are shorter; waiting for a window, and for the next poll, longer. ms */
const SHORT = 2_100

/**
 * Stands still until it is moved, but moves itself on over a pause between attempts. It begins now, as HTTP itself
 * stamps every answer, and windows are reckoned by that.
 */
export function createImpatientClock(): FakeClock {
  const clock = createFakeClock(Date.now())
  return {
    ...clock,
    async sleep(milliseconds, signal) {
      signal.throwIfAborted()
      if (milliseconds < SHORT) await clock.advance(milliseconds)
      else await clock.sleep(milliseconds, signal)
    },
  }
}
