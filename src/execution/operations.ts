import {
  type DefinitionNode,
  type DocumentNode,
  execute,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import { LRUCache } from 'lru-cache'
import type { OperationSummary } from '../model/request-summary.ts'
import type { SelectionTraits } from '../view/request.ts'
import { channels, publishSync } from './channels.ts'
import { compile, type Run } from './compiled.ts'
import { Complexity } from './complexity.ts'
import { limitFields, MAX_TOKENS, tooManyLines } from './document-limits.ts'
import { nodeWeight } from './node-weight.ts'
import { createOperationSummaries, type SummarizeOperation } from './operation-summary.ts'
import { readsRelationships } from './reads-relationships.ts'

/** When operations are compiled. ALWAYS and NEVER are for tests: both ways must answer alike. */
export type Compilation = 'SECOND_USE' | 'ALWAYS' | 'NEVER'

/** How an operation is executed. */
export type Way = 'compiled' | 'interpreted'

/** One operation of a valid document. */
export interface Operation {
  readonly document: DocumentNode
  readonly definition: OperationDefinitionNode
  readonly complexity: Complexity
  readonly traits: SelectionTraits
  readonly summary: OperationSummary
  /** The operation, compiled or not. A request of an anonymous client never compiles it. */
  run(isAnonymous: boolean): Run
}

export type Prepared = Operation | { readonly errors: readonly GraphQLError[] }

interface Entry {
  readonly document: DocumentNode
  readonly operations: Map<string, Operation>
}

/** Characters of all documents that are kept; a parsed and compiled document takes some 500 times as much memory. */
const MAX_KEPT = 200_000
const MAX_DOCUMENT = 20_000
const RULES = [...specifiedRules, limitFields]

/** Parsed, validated and compiled operations by the text of their document. */
export class Operations {
  readonly schema: GraphQLSchema
  readonly #compilation: Compilation
  /** Entries that are never evicted. */
  readonly #trusted = new Map<string, Entry>()
  readonly #entries = new LRUCache<string, Entry>({
    maxSize: MAX_KEPT,
    maxEntrySize: MAX_DOCUMENT,
    sizeCalculation: (_entry, text) => text.length,
  })
  readonly #summarize: SummarizeOperation
  readonly #onRun: (way: Way) => void
  #hasCompiled = false

  constructor(
    schema: GraphQLSchema,
    compilation: Compilation = 'SECOND_USE',
    onRun: (way: Way) => void = () => {},
  ) {
    this.schema = schema
    this.#compilation = compilation
    this.#summarize = createOperationSummaries(schema)
    this.#onRun = onRun
  }

  /** Characters of the documents that are kept. */
  get keptCharacters(): number {
    return this.#entries.calculatedSize
  }

  /** Parses, validates and compiles a document, and keeps it for good. Returns what is wrong with it. */
  trust(text: string): readonly GraphQLError[] {
    if (this.#trusted.has(text)) return []
    const entry = this.#read(text)
    if ('errors' in entry) return entry.errors
    const definitions = entry.document.definitions.filter(isOperation)
    if (definitions.length === 0) return [unknownOperation()]
    for (const definition of definitions) {
      const operation = this.#operation(entry.document, definition, 'AT_ONCE')
      entry.operations.set(definition.name?.value ?? '', operation)
      if (definitions.length === 1) entry.operations.set('', operation)
    }
    this.#trusted.set(text, entry)
    return []
  }

  prepare(text: string, operationName: string | null | undefined): Prepared {
    const entry = this.#trusted.get(text) ?? this.#entries.get(text) ?? this.#readAndKeep(text)
    if ('errors' in entry) return entry
    const known = entry.operations.get(operationName ?? '')
    if (known !== undefined) return known
    const definition = getOperationAST(entry.document, operationName)
    if (definition == null) return { errors: [unknownOperation()] }
    const operation = this.#operation(entry.document, definition)
    entry.operations.set(operationName ?? '', operation)
    return operation
  }

  #readAndKeep(text: string): Entry | { readonly errors: readonly GraphQLError[] } {
    const entry = this.#read(text)
    if (!('errors' in entry)) this.#entries.set(text, entry)
    return entry
  }

  #read(text: string): Entry | { readonly errors: readonly GraphQLError[] } {
    const tooLong = tooManyLines(text)
    if (tooLong !== undefined) return { errors: [asRequestError(tooLong, 'QUERY_TOO_COMPLEX')] }
    try {
      const document = publishSync(channels.parse, { schema: this.schema, source: '' }, () =>
        parse(text, { maxTokens: MAX_TOKENS }),
      )
      if (document.definitions.some(isMutation))
        return { errors: [badRequest('This schema has no mutations.')] }
      const errors = publishSync(
        channels.validate,
        { schema: this.schema },
        () => validate(this.schema, document, RULES),
        (found) => found,
      )
      if (errors.length > 0)
        return { errors: errors.map((error) => asRequestError(error, 'GRAPHQL_VALIDATION_FAILED')) }
      return { document, operations: new Map<string, Operation>() }
    } catch (error) {
      if (error instanceof GraphQLError) return { errors: [asRequestError(error, 'GRAPHQL_PARSE_FAILED')] }
      // The parser recurses for each level.
      if (error instanceof RangeError) return { errors: [badRequest('The query is nested too deeply.')] }
      throw error
    }
  }

  #operation(
    document: DocumentNode,
    definition: OperationDefinitionNode,
    compilation: Compilation | 'AT_ONCE' = this.#compilation,
  ): Operation {
    const { schema } = this
    const complexity = new Complexity(schema, document, definition)
    const name = definition.name?.value
    let uses = 0
    let compiled: Run | undefined
    let isTried = this.#compilation === 'NEVER'

    const interpret: Run = (view, variables) => {
      const result = execute({
        schema,
        document,
        contextValue: view,
        variableValues: variables,
        operationName: name,
      })
      if (result instanceof Promise) throw new Error('a resolver returned a promise')
      return result
    }
    const tryToCompile = () => {
      isTried = true
      this.#hasCompiled = true
      setImmediate(() => {
        this.#hasCompiled = false
      })
      compiled = compile(schema, document, definition, interpret)
    }
    if (compilation === 'AT_ONCE' && !isTried) {
      isTried = true
      compiled = compile(schema, document, definition, interpret)
    }
    return {
      document,
      definition,
      complexity,
      traits: {
        nodeWeight: nodeWeight(document, definition),
        readsRelationships: readsRelationships(schema, document, definition),
      },
      summary: this.#summarize(document, definition),
      run: (isAnonymous) => {
        uses += 1
        const isDue = compilation === 'ALWAYS' || (uses > 1 && !isAnonymous && !this.#hasCompiled)
        if (!isTried && isDue) tryToCompile()
        this.#onRun(compiled === undefined ? 'interpreted' : 'compiled')
        return compiled ?? interpret
      },
    }
  }
}

function isOperation(definition: DefinitionNode): definition is OperationDefinitionNode {
  return definition.kind === Kind.OPERATION_DEFINITION
}

function isMutation(definition: DefinitionNode): boolean {
  return definition.kind === Kind.OPERATION_DEFINITION && definition.operation === 'mutation'
}

/** GraphQL over HTTP: 400 for a client that accepts application/graphql-response+json, 200 for any other. */
function asRequestError(error: GraphQLError, code: string): GraphQLError {
  const { message, nodes, source, positions, path, extensions } = error
  return new GraphQLError(message, {
    nodes: nodes ?? null,
    source: source ?? null,
    positions: positions ?? null,
    path: path ?? null,
    extensions: { code, ...extensions, http: { spec: true, status: 400 } },
  })
}

function unknownOperation(): GraphQLError {
  return new GraphQLError('The document has no such operation: check `operationName`.', {
    extensions: { code: 'OPERATION_RESOLUTION_FAILURE', http: { spec: true, status: 400 } },
  })
}

function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { spec: true, status: 400 } } })
}
