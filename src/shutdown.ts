import type { Server } from 'node:http'
import type { Logger } from './log.ts'

/** Before the grace ends, answers that still wait for Clever are given as they stand. ms */
const TIME_TO_ANSWER_MS = 500
/** What is closed after the last answer has this time of the grace, and at least this time where the grace is shorter. ms */
const TIME_TO_CLOSE_MS = 250
/** npm passes on the signal that the terminal has sent to the process already: both are one. ms */
const SAME_SIGNAL_MS = 500

/**
 * Calls `stop` at the first SIGTERM or SIGINT. A second signal ends the process at once. A process that still runs when
 * the grace is over is killed: `process.exit` would wait for a thread that a disk holds.
 */
export function onStop(graceMs: number, stop: (signal: string, graceMs: number) => Promise<void>): void {
  const signals = ['SIGTERM', 'SIGINT'] as const
  let isStopping = false
  const begin = (signal: string) => {
    if (isStopping) return
    isStopping = true
    const kill = () => process.kill(process.pid, 'SIGKILL')
    setTimeout(kill, Math.max(graceMs, TIME_TO_CLOSE_MS)).unref()
    const restoreDefaults = () => {
      for (const each of signals) process.removeListener(each, begin)
    }
    setTimeout(restoreDefaults, SAME_SIGNAL_MS).unref()
    void stop(signal, Math.max(graceMs - TIME_TO_CLOSE_MS, 0))
  }
  for (const signal of signals) process.on(signal, begin)
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
