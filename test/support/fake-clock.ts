import type { Clock } from '../../src/clock.ts'

export interface FakeClock extends Clock {
  /** Moves time on, waking each sleeper at its own instant. */
  advance(milliseconds: number): Promise<void>
  /** Sets the time of day, as an operator sets the clock of the host. No time passes. */
  setBy(milliseconds: number): void
}

/** A clock that stands still until it is moved. */
export function createFakeClock(startsAt = Date.parse('2026-11-22T12:00:00Z')): FakeClock {
  let now = startsAt
  let setBy = 0
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>()

  function wakeAt(instant: number) {
    for (const sleeper of sleepers) {
      if (sleeper.at > instant) continue
      sleepers.delete(sleeper)
      sleeper.wake()
    }
  }

  return {
    now: () => now + setBy,
    elapsed: () => now,
    setBy(milliseconds) {
      setBy += milliseconds
    },
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted()
        const gone = () => {
          sleepers.delete(sleeper)
          reject(signal.reason)
        }
        const wake = () => {
          // A signal that outlives many sleepers would keep them all.
          signal.removeEventListener('abort', gone)
          resolve()
        }
        const sleeper = { at: now + milliseconds, wake }
        sleepers.add(sleeper)
        signal.addEventListener('abort', gone)
      }),
    timeout(milliseconds) {
      const over = new AbortController()
      const wake = () => over.abort(new DOMException('the time is over', 'TimeoutError'))
      sleepers.add({ at: now + milliseconds, wake })
      return over.signal
    },
    async advance(milliseconds) {
      const until = now + milliseconds
      for (;;) {
        const next = Math.min(...[...sleepers].map(({ at }) => at))
        if (next > until) break
        now = Math.max(now, next)
        wakeAt(now)
        await settled()
      }
      now = until
      await settled()
    },
  }
}

/** Everything that could go on has gone on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
