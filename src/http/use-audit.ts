import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { type AuditSink, auditLines } from '../access/audit.ts'
import type { Clock } from '../clock.ts'
import type { GatewayContext } from '../context.ts'
import type { Logger } from '../log.ts'

export interface AuditOptions {
  /** Undefined where nothing is audited. */
  readonly sink: AuditSink | undefined
  /** Whether an answer is withheld when its audit fails. */
  readonly isRequired: boolean
  readonly clock: Clock
  readonly log: Logger
}

/** Resolves to the error that is told in place of the answer, where it must be withheld. */
export type WriteDown = (context: GatewayContext) => Promise<GraphQLError | undefined>

/** Writes down what an answer tells of which student, before it goes out. */
export function createAudit({ sink, isRequired, clock, log }: AuditOptions): WriteDown {
  return async (context) => {
    const lines = sink === undefined ? '' : auditLines(context, clock.now())
    if (sink === undefined || lines === '') return undefined
    try {
      await sink.append(lines)
      return undefined
    } catch (error) {
      log.error({ error, requestId: context.requestId }, 'the audit could not be written')
      return isRequired ? withheld() : undefined
    }
  }
}

/** Of a subscription each change is written down by itself. */
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
    'The answer is withheld, as it could not be written to the audit. Tell the operator.',
    {
      extensions: { code: 'AUDIT_UNAVAILABLE' },
    },
  )
}
