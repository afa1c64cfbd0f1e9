import {
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type SelectionSetNode,
  type ValidationContext,
} from 'graphql'

/** The maximum number of tokens. The introspection query of GraphiQL has some 500. */
export const MAX_TOKENS = 10_000
/**
 * The maximum number of lines. The place of each error is found by counting them from the first: 35,000 empty lines and 100 wrong
 * fields took a second, also for a client without a token.
 */
const MAX_LINES = 5_000
/**
 * The maximum number of fields after fragments are spread, including introspection fields. GraphiQL selects
 * some 250.
 */
const MAX_FIELDS = 1_000

/** Undefined for a text that has few enough lines. */
export function tooManyLines(text: string): GraphQLError | undefined {
  // Each line takes a character at least.
  if (text.length <= MAX_LINES) return undefined
  const breaks = /\r\n|[\n\r]/g
  for (let lines = 1; breaks.test(text); lines += 1)
    if (lines === MAX_LINES)
      return new GraphQLError(
        `The query has more than ${MAX_LINES} lines. Remove empty lines and comments.`,
        {
          extensions: { code: 'QUERY_TOO_COMPLEX' },
        },
      )
  return undefined
}

/** Complexity is limited in the resolvers of Query's fields. This limit also holds for introspection. */
export function limitFields(context: ValidationContext): ASTVisitor {
  return {
    OperationDefinition({ selectionSet }) {
      const counted = new Map<FragmentDefinitionNode, number>()
      if (countFields(selectionSet, context, counted) <= MAX_FIELDS) return
      const message = `The query selects more than ${MAX_FIELDS} fields. Ask in several queries.`
      context.reportError(new GraphQLError(message, { extensions: { code: 'QUERY_TOO_COMPLEX' } }))
    },
  }
}

function countFields(
  { selections }: SelectionSetNode,
  context: ValidationContext,
  counted: Map<FragmentDefinitionNode, number>,
): number {
  let fields = 0
  for (const selection of selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      fields += countFragment(context.getFragment(selection.name.value), context, counted)
    } else {
      if (selection.kind === Kind.FIELD) fields += 1
      if (selection.selectionSet !== undefined)
        fields += countFields(selection.selectionSet, context, counted)
    }
  }
  return fields
}

/**
 * Each fragment is counted once. A fragment that spreads itself adds nothing here, because another rule
 * refuses cycles.
 */
function countFragment(
  fragment: FragmentDefinitionNode | null | undefined,
  context: ValidationContext,
  counted: Map<FragmentDefinitionNode, number>,
): number {
  if (fragment == null) return 0
  const known = counted.get(fragment)
  if (known !== undefined) return known
  counted.set(fragment, 0)
  const fields = countFields(fragment.selectionSet, context, counted)
  counted.set(fragment, fields)
  return fields
}
