import { complexityFromQuery } from '@pothos/plugin-complexity'
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import { queryTooComplex } from '../../schema/errors.ts'

/**
 * What a query may select at once: a full page of contacts with their students, and those with all their contacts, is well
 * within. The calls that it may cost are limited where they are made.
 */
export const LIMITS = { depth: 15, breadth: 500, complexity: 25_000 }

/** Measures kept for one operation, one for each way in which its variables can matter. */
const MAX_MEASURES = 50

export type Variables = Readonly<Record<string, unknown>>

/** Measures one operation before it runs. A measure is kept, because it depends on sizes in the variables and not on values. */
export class Complexity {
  readonly #schema: GraphQLSchema
  readonly #document: DocumentNode
  readonly #measures = new Map<string, GraphQLError | undefined>()

  constructor(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
    this.#schema = schema
    const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)
    this.#document = { kind: Kind.DOCUMENT, definitions: [operation, ...fragments] }
  }

  /** The error for an operation that selects too much; undefined if it may run. */
  refusal(variables: Variables): GraphQLError | undefined {
    const key = sizesIn(variables)
    if (this.#measures.has(key)) return this.#measures.get(key)
    try {
      const refusal = this.#measure(variables)
      if (this.#measures.size >= MAX_MEASURES) this.#measures.clear()
      this.#measures.set(key, refusal)
      return refusal
    } catch (error) {
      // Variables that do not fit their types are reported by the execution. Others of the same sizes may fit.
      if (error instanceof GraphQLError) return undefined
      throw error
    }
  }

  #measure(variables: Variables): GraphQLError | undefined {
    const { depth, breadth, complexity } = complexityFromQuery(this.#document, {
      schema: this.#schema,
      variables,
    })
    const isTooMuch = depth > LIMITS.depth || breadth > LIMITS.breadth || complexity > LIMITS.complexity
    return isTooMuch ? queryTooComplex({ depth, breadth, complexity }, LIMITS) : undefined
  }
}

/** Such as the value of an enum, on which the cost of a field may depend. */
const WORD = /^[A-Z][A-Z_]{0,40}$/

/** Numbers, flags and words in capitals as they are, a list as its length in brackets, and a text as being there or blank. */
function sizesIn(variables: Variables): string {
  return JSON.stringify(variables, (_name, value: unknown) => {
    if (typeof value === 'string' && !WORD.test(value)) return value.trim() === '' ? '' : 'text'
    return Array.isArray(value) ? [value.length] : value
  })
}
