import { Connection, encodeRequest, type LoadRequest } from './connection.ts'

/** A server and the requests that are sent to it in turn, one at a time on each connection. */
export interface Target {
  readonly url: string
  readonly requests: readonly LoadRequest[]
  readonly connections: number
}

export interface Load {
  readonly requests: number
  readonly seconds: number
  /** Ascending. ms */
  readonly latencies: Float64Array
}

const TIMER_MS = 1

type Send = (connection: Connection, dueAt: number, onEnd: () => void) => void

/** As many requests as the server answers: each connection sends the next one as soon as it has its answer. */
export function loadFully(target: Target, seconds: number): Promise<Load> {
  return withConnections(target, async (connections, send) => {
    const endsAt = performance.now() + seconds * 1_000
    const loops = connections.map(
      (connection) =>
        new Promise<void>((resolve) => {
          function next() {
            const now = performance.now()
            if (now >= endsAt) resolve()
            else send(connection, now, next)
          }
          next()
        }),
    )
    await Promise.all(loops)
  })
}

/**
 * Requests at even intervals, however long the answers take, until `ending` if it comes first. A latency runs from the time
 * at which its request was due, so that it includes the wait for a free connection. `rate`: requests a second.
 */
export function loadEvenly(
  target: Target,
  rate: number,
  seconds: number,
  ending?: AbortSignal,
): Promise<Load> {
  return withConnections(target, (connections, send, failed) => {
    const free = [...connections]
    let total = Math.max(1, Math.floor(rate * seconds))
    const startedAt = performance.now()
    return new Promise<void>((resolve) => {
      let sent = 0
      let ended = 0
      const sendDue = () => {
        if (failed.aborted) return
        if (ending?.aborted) total = Math.min(total, sent)
        for (;;) {
          const dueAt = startedAt + (sent / rate) * 1_000
          if (sent === total || dueAt > performance.now()) break
          // The longest unused, because a server closes a connection that nothing is sent on.
          const connection = free.shift()
          if (connection === undefined) break
          sent += 1
          const onEnd = () => {
            free.push(connection)
            ended += 1
            if (ended === total) resolve()
          }
          send(connection, dueAt, onEnd)
        }
        if (sent === total && ended === total) resolve()
        if (sent === total) return
        const leftMs = startedAt + (sent / rate) * 1_000 - performance.now()
        // A timer may be late by a millisecond. Without one, this process takes a processor from the others.
        if (leftMs > 2 * TIMER_MS) setTimeout(sendDue, leftMs - TIMER_MS)
        else setImmediate(sendDue)
      }
      sendDue()
    })
  })
}

/** Rejects when a connection fails. */
async function withConnections(
  { url, requests, connections }: Target,
  work: (connections: readonly Connection[], send: Send, failed: AbortSignal) => Promise<void>,
): Promise<Load> {
  const failure = Promise.withResolvers<never>()
  const failed = new AbortController()
  const onError = (error: Error) => {
    failed.abort()
    failure.reject(error)
  }
  const opened = Array.from({ length: connections }, () => new Connection(url, onError))
  const encoded = requests.map(encodeRequest)
  const latencies: number[] = []
  let turn = 0
  const send: Send = (connection, dueAt, onEnd) => {
    const request = encoded[turn % encoded.length]
    if (request === undefined) throw new Error('there are no requests to send')
    turn += 1
    connection.send(request, () => {
      latencies.push(performance.now() - dueAt)
      onEnd()
    })
  }
  const startedAt = performance.now()
  try {
    await Promise.race([work(opened, send, failed.signal), failure.promise])
    const seconds = (performance.now() - startedAt) / 1_000
    return { requests: latencies.length, seconds, latencies: Float64Array.from(latencies).sort() }
  } finally {
    for (const connection of opened) connection.close()
  }
}

/** `share`: 0.5 for the median. ms */
export function percentile({ latencies }: Pick<Load, 'latencies'>, share: number): number {
  return latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? Number.NaN
}
