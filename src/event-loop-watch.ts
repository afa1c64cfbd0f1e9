import { performance } from 'node:perf_hooks'
import type { Logger } from './log.ts'

/** ms */
const CHECK_EVERY_MS = 250
/** Garbage collections and large answers block the loop for less. ms */
const BLOCKED_MS = 500
/** ms */
const QUIET_MS = 60_000

/** Logs, once a minute, that one piece of work has kept the process from everything else. Ends with the process. */
export function watchEventLoop(log: Logger): void {
  let last = performance.now()
  let warnedAt = Number.NEGATIVE_INFINITY
  const check = () => {
    const now = performance.now()
    const blocked = now - last - CHECK_EVERY_MS
    last = now
    if (blocked < BLOCKED_MS || now - warnedAt < QUIET_MS) return
    warnedAt = now
    log.warn(
      { reason: 'EVENT_LOOP_BLOCKED', milliseconds: Math.round(blocked) },
      'the event loop was blocked, and no request was answered: look for expensive operations by documentHash at this time, and for other programs on this processor',
    )
  }
  setInterval(check, CHECK_EVERY_MS).unref()
}
