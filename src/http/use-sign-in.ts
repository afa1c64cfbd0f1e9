import { type DocumentNode, GraphQLError, Kind, type SelectionSetNode } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { hasUsableScope } from '../access/decide.ts'
import type { GatewayContext } from '../context.ts'
import type { Metrics } from '../metrics.ts'
import { REFUSALS, type Refusal } from './refuse.ts'

/**
 * Requests that may read the schema and nothing else: those without a token where GraphiQL is on, and those of a service
 * without a usable scope.
 */
export function useSignIn(metrics: Metrics): Plugin<GatewayContext> {
  function refusalOf(context: GatewayContext) {
    if (context.isAnonymous) return refusal(REFUSALS.MISSING)
    if (hasUsableScope(context.principal)) return undefined
    metrics.requestsRefused.inc({ reason: 'scope' })
    return refusal(REFUSALS.NO_SCOPE)
  }

  return {
    onExecute({ args, setResultAndStopExecution }) {
      if (isIntrospection(args.document)) return
      const refused = refusalOf(args.contextValue)
      if (refused !== undefined) setResultAndStopExecution(refused)
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const refused = refusalOf(args.contextValue)
      if (refused !== undefined) setResultAndStopExecution(refused)
    },
  }
}

function refusal({ message, code, status, headers = {} }: Refusal) {
  return {
    errors: [new GraphQLError(message, { extensions: { code, http: { status, headers: { ...headers } } } })],
  }
}

/** Whether the document, whichever of its operations is meant, selects nothing but the schema itself. */
function isIntrospection({ definitions }: DocumentNode): boolean {
  return definitions.every(
    (definition) =>
      (definition.kind === Kind.OPERATION_DEFINITION && selectsSchemaOnly(definition.selectionSet)) ||
      (definition.kind === Kind.FRAGMENT_DEFINITION && definition.typeCondition.name.value.startsWith('__')),
  )
}

/** A fragment on the root type would have to be looked into; those who introspect do not write such. */
function selectsSchemaOnly({ selections }: SelectionSetNode): boolean {
  return selections.every(
    (selection) => selection.kind === Kind.FIELD && selection.name.value.startsWith('__'),
  )
}
