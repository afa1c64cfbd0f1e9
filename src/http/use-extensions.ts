import type { ExecutionResult } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Clock } from '../clock.ts'
import type { GatewayContext } from '../context.ts'

/** Beside each answer: the calls to Clever that it cost, how many are left, and how old what it tells is. */
export function useExtensions(clock: Clock): Plugin<GatewayContext> {
  return {
    onExecutionResult({ context, result, setResult }) {
      if (result === undefined || Symbol.asyncIterator in result || !isOurs(context)) return
      setResult(withExtensions(result, context, clock))
    },
  }
}

export function withExtensions(result: ExecutionResult, context: GatewayContext, clock: Clock) {
  const extensions = {
    ...result.extensions,
    cost: costOf(context),
    freshness: freshnessOf(context, clock),
  }
  return { ...result, extensions }
}

function isOurs(context: object): context is GatewayContext {
  return 'freshness' in context
}

function costOf({ ledger, callsLeft }: GatewayContext) {
  return { calls: ledger.calls, callsLeft: callsLeft() }
}

function freshnessOf({ freshness }: GatewayContext, clock: Clock) {
  const oldest = freshness.oldest()
  if (oldest === undefined) return undefined
  const { since, isStale } = oldest
  const seconds = Math.max(Math.round((clock.now() - since) / 1000), 0)
  return { oldest: new Date(since).toISOString(), seconds, isStale }
}
