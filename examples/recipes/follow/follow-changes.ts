import { createClient, NetworkError, type RequestParams } from 'graphql-sse'
import type { Answers } from './answers.ts'
import { fetchWithSilenceLimit } from './silence-limit.ts'

export interface FollowOptions {
  readonly url: string
  /** Called for each connection, because a token can expire while a stream is open. */
  readonly token: () => string | Promise<string>
  /** The answers to the queries that the page shows. */
  readonly answers: Answers
  /** The last change of an earlier page, if it was kept. */
  readonly afterEventId?: string
  /** Called when the gateway no longer has the changes in between. Read again what the page shows. */
  readonly onGap: () => void
  /** The wait before an attempt to connect again, counted from 1. ms */
  readonly delay?: (attempt: number) => number
  /** How long nothing may arrive before the connection counts as lost. The gateway sends a comment every 12 s. ms */
  readonly silenceLimit?: number
}

/** One message of the stream. The operation must select `eventId`, and use its variable `$changedAfter`. */
export interface FollowResult {
  readonly data?: { readonly contactChanges?: { readonly eventId: string } | null } | null
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[]
}

export interface FollowSink<Result> {
  next(result: Result): void
  error(error: unknown): void
}

/** The gateway does not have the changes in between. */
const GAP = ['EVENTS_EXPIRED', 'EVENTS_LOST']
/** Another attempt would end in the same way. */
const FINAL = ['BAD_USER_INPUT', 'EVENTS_OFF', 'FORBIDDEN', 'GRAPHQL_VALIDATION_FAILED', 'UPSTREAM_FORBIDDEN']
const TEMPORARY_STATUS = [408, 429]

/**
 * Follows a subscription to `contactChanges`. Whenever its stream ends, another one continues after the last
 * change. Returns the function that ends it.
 */
export function followChanges<Result extends FollowResult>(
  { url, token, answers, afterEventId, onGap, delay = backOff, silenceLimit = 30_000 }: FollowOptions,
  request: RequestParams,
  sink: FollowSink<Result>,
): () => void {
  const left = new AbortController()
  let lastEventId = afterEventId
  let isGap = false
  let failures = 0

  const headers = async () => ({
    authorization: `Bearer ${await token()}`,
    ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
  })

  function onConnected() {
    if (isGap) onGap()
    isGap = false
  }

  function onResult(result: Result) {
    const change = result.data?.contactChanges
    if (change) {
      failures = 0
      sink.next(result)
      lastEventId = change.eventId
      return
    }
    const [error] = result.errors ?? []
    const code = error?.extensions?.code ?? ''
    if (GAP.includes(code)) {
      isGap = true
      lastEventId = undefined
      answers.clear()
    }
    if (FINAL.includes(code)) throw new Error(`${code}: ${error?.message}`)
  }

  /** Resolves when the stream has ended. Rejects if another one would end in the same way. */
  async function readStream() {
    // With retries of its own, the client would begin again after an old change, and repeat later ones.
    const client = createClient({
      url,
      headers,
      retryAttempts: 0,
      fetchFn: fetchWithSilenceLimit(silenceLimit),
    })
    left.signal.addEventListener('abort', client.dispose)
    const variables = { ...request.variables, changedAfter: answers.oldest }
    try {
      for await (const result of client.iterate({ ...request, variables }, { connected: onConnected }))
        onResult(result as object as Result)
    } catch (error) {
      if (!(error instanceof NetworkError) || isFinal(error)) throw error
    } finally {
      left.signal.removeEventListener('abort', client.dispose)
      client.dispose()
    }
  }

  async function follow() {
    while (!left.signal.aborted) {
      await readStream()
      failures += 1
      await wait(delay(failures), left.signal)
    }
  }

  follow().catch((error: unknown) => {
    if (!left.signal.aborted) sink.error(error)
  })
  return () => left.abort()
}

/** Whether the gateway has refused the request, such as one with a token that is not accepted. */
function isFinal({ response }: NetworkError): boolean {
  const { status } = (response ?? {}) as { readonly status?: number }
  return status !== undefined && status < 500 && !TEMPORARY_STATUS.includes(status)
}

/** About one second, then twice as long each time, up to half a minute. */
function backOff(failures: number): number {
  return Math.min(1_000 * 2 ** (failures - 1), 30_000) * (0.5 + Math.random() / 2)
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
