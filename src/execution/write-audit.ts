import { GraphQLError } from 'graphql'
import { type AuditSink, auditLine } from '../audit/audit.ts'
import type { Clock } from '../clock.ts'
import { NotWritten } from '../line-writer.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { WriteAudit } from './answer.ts'

export interface AuditOptions {
  /** Undefined if there is no audit. */
  readonly sink: AuditSink | undefined
  /** Whether an answer is withheld if its audit line cannot be written. */
  readonly isRequired: boolean
  /** ms */
  readonly requestTimeout: number
  /** Aborted when the process is about to end: no answer waits for its audit any longer. */
  readonly ending: AbortSignal
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** The minimum time for the audit, even if the answer used up the time of its request. ms */
const MIN_PATIENCE_MS = 250
/** How often waiting answers are checked. One timer serves all of them, and runs only while some wait. ms */
const CHECK_EVERY_MS = 50

/** Writes what an answer discloses to the audit before the answer is sent, within the time of its request. */
export function createAudit(options: AuditOptions): WriteAudit {
  const { sink, isRequired, requestTimeout, ending, clock, log, metrics } = options
  if (sink === undefined) return () => undefined
  const waiting = new WaitingLines(sink)
  ending.addEventListener('abort', () => waiting.hurry(MIN_PATIENCE_MS))
  const written = metrics.auditLines.labels('written')
  const failed = metrics.auditLines.labels('failed')
  const failures = new AuditFailures(log, isRequired)

  async function write(line: string, requestId: string, deadline: number): Promise<GraphQLError | undefined> {
    const timeLeft = ending.aborted ? 0 : deadline - clock.now()
    try {
      // Setting the clock back does not extend the time of a request.
      await waiting.append(line, Math.min(Math.max(timeLeft, MIN_PATIENCE_MS), requestTimeout))
      written.inc()
      failures.end()
      return undefined
    } catch (error) {
      failed.inc()
      failures.note(error, requestId)
      return isRequired ? withheld() : undefined
    }
  }

  return ({ request, disclosures }) => {
    const { requestId, principal, deadline } = request.context
    const line = auditLine({ requestId, principal, disclosures }, clock.now())
    return line === '' ? undefined : write(line, requestId, deadline)
  }
}

/**
 * Logs failures of the audit. If the audit is required, each reason is logged once until a line is written, because no answer is
 * sent without one. Otherwise each line of the log is all that is left of a disclosure.
 */
class AuditFailures {
  readonly #log: Logger
  readonly #isRequired: boolean
  readonly #reasons = new Set<string>()
  #failed = 0

  constructor(log: Logger, isRequired: boolean) {
    this.#log = log
    this.#isRequired = isRequired
  }

  note(error: unknown, requestId: string) {
    const reason = codeOf(error)
    this.#failed += 1
    if (this.#isRequired && this.#reasons.has(reason)) return
    this.#reasons.add(reason)
    const message = this.#isRequired
      ? 'the audit could not be written, and answers are withheld until it can: look at the disk and the file that AUDIT names'
      : 'the audit could not be written, and the answer was sent without it: look at the disk and the file that AUDIT names'
    this.#log.error({ error, reason, requestId }, message)
  }

  end() {
    if (this.#failed === 0) return
    this.#log.info({ failed: this.#failed }, 'the audit is written again')
    this.#failed = 0
    this.#reasons.clear()
  }
}

interface Waiting {
  giveUpAt: number
  readonly giveUp: () => void
}

/** Lines on their way to the audit, each given up at its own time. */
class WaitingLines {
  readonly #sink: AuditSink
  readonly #lines = new Set<Waiting>()
  #timer: NodeJS.Timeout | undefined

  constructor(sink: AuditSink) {
    this.#sink = sink
  }

  /** Rejects with the error of the sink, or with NotWritten after `patienceMs`. */
  append(line: string, patienceMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        giveUpAt: performance.now() + patienceMs,
        giveUp: () => {
          this.#sink.cancel?.(waiting)
          reject(new NotWritten('TIMEOUT'))
        },
      }
      this.#lines.add(waiting)
      this.#timer ??= setInterval(() => this.#check(), CHECK_EVERY_MS)
      this.#sink.append(line, waiting).then(
        () => {
          this.#lines.delete(waiting)
          resolve()
        },
        (error: unknown) => {
          this.#lines.delete(waiting)
          reject(error)
        },
      )
    })
  }

  /** Gives up every waiting line within this time. */
  hurry(patienceMs: number) {
    const latest = performance.now() + patienceMs
    for (const waiting of this.#lines) waiting.giveUpAt = Math.min(waiting.giveUpAt, latest)
  }

  #check() {
    const now = performance.now()
    for (const waiting of this.#lines) {
      if (waiting.giveUpAt > now) continue
      this.#lines.delete(waiting)
      waiting.giveUp()
    }
    if (this.#lines.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}

/** The code of a system error, such as ENOSPC. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
}

function withheld(): GraphQLError {
  return new GraphQLError(
    'The answer is withheld, because it could not be written to the audit. Report this to the operator.',
    {
      extensions: { code: 'AUDIT_UNAVAILABLE' },
    },
  )
}
