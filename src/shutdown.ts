import type { Server } from 'node:http'
import { performance } from 'node:perf_hooks'
import type { Logger } from './log.ts'

/** How long before the end of the grace requests that wait for Clever are answered as they stand. ms */
const TIME_TO_ANSWER_MS = 500
/**
 * The time of the grace for closing files and connections after the last answer. It is the minimum even if
 * the grace is shorter. ms
 */
const TIME_TO_CLOSE_MS = 250
/** How long before the end of the grace the remaining work is canceled. ms */
const TIME_TO_END_MS = 100
/**
 * Two signals within this time count as one, because npm repeats the signal that the terminal has already
 * sent. ms
 */
const SAME_SIGNAL_MS = 500

/** The first signal. */
export interface Stop {
  readonly signal: string
  /** The time until the last request must be answered. */
  readonly graceMs: number
  /** Called when every request is answered: what still hangs then, such as a disk, is not a failure. */
  answered(): void
}

/**
 * Calls `stop` at the first SIGTERM or SIGINT. A second signal ends the process at once, with the exit code 1. The end of the
 * grace ends it too, with 0 if every request was answered.
 */
export function onStop(graceMs: number, stop: (stop: Stop) => Promise<void>): void {
  let stoppingSince: number | undefined
  let code: 0 | 1 = 1
  const answered = () => {
    code = 0
  }
  const onSignal = (signal: string) => {
    if (stoppingSince === undefined) {
      stoppingSince = performance.now()
      setTimeout(() => endNow(code), Math.max(graceMs - TIME_TO_END_MS, TIME_TO_CLOSE_MS)).unref()
      void stop({ signal, graceMs: Math.max(graceMs - TIME_TO_CLOSE_MS, 0), answered })
    } else if (performance.now() - stoppingSince > SAME_SIGNAL_MS) endNow(1)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}

/**
 * Ends the process even if a disk blocks one of its threads. `process.exit` would wait for that thread, and
 * the first process of a container cannot kill itself. Replacing the process by another program ends the
 * threads.
 */
function endNow(code: 0 | 1): void {
  try {
    process.execve?.(process.execPath, [process.execPath, '-e', `process.exitCode = ${code}`], {})
  } finally {
    process.kill(process.pid, 'SIGKILL')
  }
}

/** Opens the audit file again at SIGHUP, as logrotate asks for it. */
export function onHangUp(reopen: () => Promise<void>, log: Logger): void {
  process.on('SIGHUP', () => {
    reopen().then(
      () => log.info('the audit file is open again'),
      (error: unknown) => {
        const reason = error instanceof Error && 'code' in error ? error.code : 'UNKNOWN'
        log.error({ error, reason }, 'the audit file cannot be opened again')
      },
    )
  })
}

/**
 * Takes no new connections and lets the requests in flight end for as long as the grace lasts. Shortly before its end,
 * requests that wait for Clever are answered as they stand; at its end, all connections are closed.
 */
export async function finish(server: Server, ending: AbortController, graceMs: number): Promise<void> {
  const hurry = setTimeout(
    () => ending.abort(new DOMException('shutting down', 'TimeoutError')),
    graceMs - TIME_TO_ANSWER_MS,
  )
  const late = setTimeout(() => server.closeAllConnections(), graceMs)
  // A connection that was busy when the server closed would be kept alive for seconds after its answer.
  const idle = setInterval(() => server.closeIdleConnections(), 50)
  await new Promise((resolve) => server.close(resolve))
  clearTimeout(hurry)
  clearTimeout(late)
  clearInterval(idle)
}
