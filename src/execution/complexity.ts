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
 * The maximum complexity of a query. A full page of contacts with their students, and those with all their
 * contacts, stays well below it. Calls to Clever are limited elsewhere.
 */
export const LIMITS = { depth: 15, breadth: 500, complexity: 25_000 }

/** The number of measures kept for one operation. Each is for one set of sizes of the variables. */
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

/** Words such as enum values, on which the cost of a field may depend. */
const WORD = /^[A-Z][A-Z_]{0,40}$/

/**
 * The sizes of variables: numbers, flags and words in capitals as they are, a list as its length in brackets,
 * and a text as present or blank.
 */
function sizesIn(variables: Variables): string {
  return JSON.stringify(variables, (_name, value: unknown) => {
    if (typeof value === 'string' && !WORD.test(value)) return value.trim() === '' ? '' : 'text'
    return Array.isArray(value) ? [value.length] : value
  })
}
