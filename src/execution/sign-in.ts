import { GraphQLError } from 'graphql'
import { hasUsableScope } from '../access/decide.ts'
import { REFUSALS, type Refusal } from '../http/refuse.ts'
import type { Metrics } from '../metrics.ts'
import type { RequestContext } from '../view/request.ts'

/**
 * The error for a request that may read the schema and nothing else: one without a token where GraphiQL is on or in the
 * sandbox, and one of a service without a usable scope. Undefined for every other request.
 */
export function signInRefusal(metrics: Metrics): (context: RequestContext) => GraphQLError | undefined {
  return ({ isAnonymous, principal }) => {
    if (isAnonymous) return refusal(REFUSALS.MISSING)
    if (hasUsableScope(principal)) return undefined
    metrics.requestsRefused.inc({ reason: 'scope' })
    return refusal(REFUSALS.NO_SCOPE)
  }
}

function refusal({ message, code, status, headers = {} }: Refusal): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { status, headers: { ...headers } } } })
}
