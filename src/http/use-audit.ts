import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { type AuditSink, auditLine } from '../access/audit.ts'
import type { Clock } from '../clock.ts'
import type { GatewayContext } from '../context.ts'
import { NotWritten } from '../line-writer.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'

export interface AuditOptions {
  /** Undefined where nothing is audited. */
  readonly sink: AuditSink | undefined
  /** Whether an answer is withheld when its audit fails. */
  readonly isRequired: boolean
  /** ms */
  readonly requestTimeout: number
  /** Aborted when the process is about to end: no answer waits for its audit any longer. */
  readonly ending: AbortSignal
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** Resolves to the error to send in place of the answer, if the answer is withheld. */
export type WriteDown = (context: GatewayContext) => Promise<GraphQLError | undefined>

/** The audit has this much time also for an answer that used up the time of its request. ms */
const LEAST_PATIENCE_MS = 250

/** Writes what an answer discloses to the audit before the answer is sent, within the time of its request. */
export function createAudit(options: AuditOptions): WriteDown {
  const { sink, isRequired, requestTimeout, ending, clock, log, metrics } = options

  /** Rejects at the deadline, or shortly after the process has begun to end. */
  async function outOfTime(deadline: number, answered: AbortSignal): Promise<never> {
    // A clock that is set back makes no request longer.
    const patience = Math.min(Math.max(deadline - clock.now(), LEAST_PATIENCE_MS), requestTimeout)
    const waiting = AbortSignal.any([answered, ending])
    if (!ending.aborted) await clock.sleep(patience, waiting).catch(() => {})
    if (ending.aborted) await clock.sleep(LEAST_PATIENCE_MS, answered)
    throw new NotWritten('TIMEOUT')
  }

  return async (context) => {
    const line = sink === undefined ? '' : auditLine(context, clock.now())
    if (sink === undefined || line === '') return undefined
    const answered = new AbortController()
    try {
      await Promise.race([sink.append(line, answered.signal), outOfTime(context.deadline, answered.signal)])
      metrics.auditLines.inc({ outcome: 'written' })
      return undefined
    } catch (error) {
      metrics.auditLines.inc({ outcome: 'failed' })
      log.error(
        { error, reason: codeOf(error), requestId: context.requestId },
        'the audit could not be written',
      )
      return isRequired ? withheld() : undefined
    } finally {
      answered.abort()
    }
  }
}

/** The code of a system error, such as ENOSPC. */
function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN'
}

/** For queries. A subscription writes each of its changes itself. */
export function useAudit(writeDown: WriteDown): Plugin<GatewayContext> {
  return {
    async onExecutionResult({ context, setResult }) {
      // A request that fails before it is executed has no context of ours, and tells nothing.
      const error = isOurs(context) ? await writeDown(context) : undefined
      if (error !== undefined) setResult({ data: null, errors: [error] })
    },
  }
}

function isOurs(context: object): context is GatewayContext {
  return 'disclosures' in context
}

function withheld(): GraphQLError {
  return new GraphQLError(
    'The answer is withheld, because it could not be written to the audit. Tell the operator.',
    {
      extensions: { code: 'AUDIT_UNAVAILABLE' },
    },
  )
}
