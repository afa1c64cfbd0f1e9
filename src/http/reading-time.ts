import type { ServerResponse } from 'node:http'

/**
 * The minimum reading speed. No network is this slow, so a slower client only holds the connection open.
 * Bytes a second
 */
const SLOWEST = 4_096
/** Answers up to this size fit into the buffers of the kernel. Bytes */
const BUFFERED = 65_536

/**
 * Called when an answer has been written and the kernel did not take all of it. Closes the connection of a client that does not read its answer: after `patience` ms without progress, and after
 * `patience` plus the time that the slowest reader takes in any case. A stream of events has rules of its own, and an
 * answer that is not ready yet has a time-out elsewhere.
 */
export function limitReadingTime(response: ServerResponse, patience: number, onGivenUp: () => unknown): void {
  let deadline: NodeJS.Timeout | undefined
  const giveUp = () => {
    if (!response.headersSent || response.writableFinished || isStream(response)) return
    onGivenUp()
    response.destroy()
  }
  const limitRest = () => {
    const rest = response.writableLength
    if (rest > BUFFERED) deadline = setTimeout(giveUp, patience + (rest / SLOWEST) * 1_000)
  }
  if (response.listenerCount('timeout') > 0) return
  response.setTimeout(patience, giveUp)
  if (response.writableEnded) limitRest()
  else response.once('prefinish', limitRest)
  response.once('close', () => clearTimeout(deadline))
}

function isStream(response: ServerResponse): boolean {
  return String(response.getHeader('content-type') ?? '').startsWith('text/event-stream')
}
