import {
  type DocumentNode,
  type ExecutionResult,
  type FragmentSpreadNode,
  GraphQLError,
  type GraphQLSchema,
  type InlineFragmentNode,
  Kind,
  type OperationDefinitionNode,
  type Source,
  visit,
} from 'graphql'
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit'
import type { View } from '../view/view.ts'
import type { Variables } from './complexity.ts'

export type Run = (view: View, variables: Variables) => ExecutionResult

const OPTIONS = { disablingCapturingStackErrors: true, useExperimentalPathBasedSkipInclude: true }

/**
 * The operation as generated JavaScript, which runs some four times as fast as graphql-js. Takes some
 * milliseconds. Undefined for an operation that graphql-jit cannot compile, or would run differently: see
 * `isCompilable`. Operations that it refuses because of their variables are left to `interpret`, in
 * graphql-js: graphql-jit names the wrong variable, and ignores the default of a non-null variable.
 */
export function compile(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  interpret: Run,
): Run | undefined {
  if (!isCompilable(document, operation)) return undefined
  const compiled = compileQuery(schema, document, operation.name?.value ?? '', OPTIONS)
  if (!isCompiledQuery(compiled)) return undefined
  const source = document.loc?.source
  const withDefaults = (operation.variableDefinitions ?? []).flatMap(({ variable, defaultValue }) =>
    defaultValue === undefined ? [] : [variable.name.value],
  )
  return (view, variables) => {
    // graphql-jit accepts such a null where null is not allowed.
    if (withDefaults.some((name) => variables[name] === null)) return interpret(view, variables)
    const { data, errors } = runCompiled(compiled, view, variables)
    if (data === undefined) return interpret(view, variables)
    // The errors of an attempt that is discarded need no place.
    if (errors === undefined || view.isDiscarded) return { data }
    return { data, errors: errors.map((error) => located(error, source)) }
  }
}

function runCompiled(compiled: CompiledQuery, view: View, variables: Variables): ExecutionResult {
  const result = compiled.query(undefined, view, { ...variables })
  if (result instanceof Promise) throw new Error('a resolver returned a promise')
  return result
}

/**
 * graphql-jit parses the literals of custom scalars when it compiles, and does not replace variables inside
 * them. It does not support our subscriptions, and introspection is not worth compiling. It loses or adds
 * fields where @skip or @include stands on a fragment, or on a field with a selection that fragments may
 * repeat; a random test found such documents, but none in which only leaves have a condition or without
 * fragments. Source: graphql-jit's README and code, 0.8.9.
 */
function isCompilable(document: DocumentNode, operation: OperationDefinitionNode): boolean {
  if (operation.operation !== 'query') return false
  let isPlain = true
  let hasFragment = false
  let hasConditionalBranch = false
  const enterFragment = ({ directives = [] }: FragmentSpreadNode | InlineFragmentNode) => {
    hasFragment = true
    if (directives.length > 0) hasConditionalBranch = true
  }
  visit(document, {
    Field({ name, directives = [], selectionSet }) {
      if (name.value.startsWith('__') && name.value !== '__typename') isPlain = false
      if (selectionSet !== undefined && directives.length > 0) hasConditionalBranch = true
    },
    FragmentSpread: enterFragment,
    InlineFragment: enterFragment,
    ObjectField({ value }) {
      if (value.kind === Kind.VARIABLE) isPlain = false
    },
    ListValue({ values }) {
      if (values.some(({ kind }) => kind === Kind.VARIABLE)) isPlain = false
    },
  })
  return isPlain && !(hasFragment && hasConditionalBranch)
}

/** graphql-jit gives an error its locations without the source that they are in. */
function located(error: GraphQLError, source: Source | undefined): GraphQLError {
  const positions =
    source === undefined ? [] : (error.locations ?? []).map((at) => positionOf(source.body, at))
  return new GraphQLError(error.message, {
    source: source ?? null,
    positions,
    path: error.path ?? null,
    originalError: error.originalError ?? null,
  })
}

function positionOf(
  text: string,
  { line, column }: { readonly line: number; readonly column: number },
): number {
  const breaks = /\r\n|[\n\r]/g
  for (let current = 1; current < line; current += 1) breaks.exec(text)
  return breaks.lastIndex + column - 1
}
