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

/** The cost of an operation, and the error if it selects too much. */
export interface Measure {
  readonly points: number
  readonly refusal: GraphQLError | undefined
}

const UNKNOWN: Measure = { points: 0, refusal: undefined }

/** Measures one operation before it runs. A measure is kept, because it depends on sizes in the variables and not on values. */
export class Complexity {
  readonly #schema: GraphQLSchema
  readonly #document: DocumentNode
  readonly #measures = new Map<string, Measure>()

  constructor(schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode) {
    this.#schema = schema
    const fragments = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)
    this.#document = { kind: Kind.DOCUMENT, definitions: [operation, ...fragments] }
  }

  measure(variables: Variables): Measure {
    const key = sizesIn(variables)
    const known = this.#measures.get(key)
    if (known !== undefined) return known
    try {
      const measure = this.#measure(variables)
      if (this.#measures.size >= MAX_MEASURES) this.#measures.clear()
      this.#measures.set(key, measure)
      return measure
    } catch (error) {
      // Variables that do not fit their types are reported by the execution. Others of the same sizes may fit.
      if (error instanceof GraphQLError) return UNKNOWN
      throw error
    }
  }

  #measure(variables: Variables): Measure {
    const { depth, breadth, complexity } = complexityFromQuery(this.#document, {
      schema: this.#schema,
      variables,
    })
    const isTooMuch = depth > LIMITS.depth || breadth > LIMITS.breadth || complexity > LIMITS.complexity
    const refusal = isTooMuch ? queryTooComplex({ depth, breadth, complexity }, LIMITS) : undefined
    return { points: complexity, refusal }
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
