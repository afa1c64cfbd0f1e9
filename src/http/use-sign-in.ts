import { type DocumentNode, GraphQLError, Kind, type SelectionSetNode } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { GatewayContext } from '../context.ts'
import { REFUSALS } from './refuse.ts'

/** Where GraphiQL is on, whoever has no token may ask what there is to ask, and nothing else. */
export function useSignIn(): Plugin<GatewayContext> {
  return {
    onExecute({ args, setResultAndStopExecution }) {
      if (!args.contextValue.isAnonymous || isIntrospection(args.document)) return
      setResultAndStopExecution(refusal())
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      if (args.contextValue.isAnonymous) setResultAndStopExecution(refusal())
    },
  }
}

function refusal() {
  const { message, code, status, headers } = REFUSALS.MISSING
  return { errors: [new GraphQLError(message, { extensions: { code, http: { status, headers } } })] }
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
