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

/** Writes down what an answer tells of which student, before it goes out. */
export function useAudit({ sink, isRequired, clock, log }: AuditOptions): Plugin<GatewayContext> {
  return {
    async onExecutionResult({ context, setResult }) {
      // A request that fails before it is executed has no context of ours, and tells nothing.
      if (sink === undefined || !isOurs(context)) return
      const lines = auditLines(context, clock.now())
      if (lines === '') return
      try {
        await sink.append(lines)
      } catch (error) {
        log.error({ error, requestId: context.requestId }, 'the audit could not be written')
        if (isRequired) setResult({ data: null, errors: [withheld()] })
      }
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
