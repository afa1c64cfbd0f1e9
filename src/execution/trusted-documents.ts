import { createHash } from 'node:crypto'
import { GraphQLError } from 'graphql'
import type { Metrics } from '../metrics.ts'
import type { Operations } from './operations.ts'
import { withoutLiterals } from './without-literals.ts'

/** A document of the manifest, with the id by which clients name it. */
export interface TrustedDocument {
  readonly id: string
  readonly text: string
}

/** The document of a request, as its parameters name it. */
export interface NamedDocument {
  readonly id: string | undefined
  readonly query: string | null | undefined
}

export interface TrustedDocumentsOptions {
  readonly documents: readonly TrustedDocument[]
  /** Whether every other document is refused, except to a proven router. */
  readonly isOnly: boolean
}

/** The documents that clients may name by an id instead of sending them. */
export class TrustedDocuments {
  readonly #texts = new Map<string, string>()
  readonly #known: ReadonlySet<string>
  readonly #isOnly: boolean
  readonly #refused: Metrics['documentsRefused']

  constructor({ documents, isOnly }: TrustedDocumentsOptions, { documentsRefused }: Metrics) {
    this.#isOnly = isOnly
    this.#refused = documentsRefused
    // The ids of the manifest win over the ids that are computed here.
    for (const { text } of documents) for (const id of hashIdsOf(text)) this.#texts.set(id, text)
    for (const { id, text } of documents) this.#texts.set(id, text)
    this.#known = new Set(this.#texts.values())
  }

  /**
   * The text of the document that a request names; undefined if it names none. Throws the error for the client. With
   * `isProvenRouter`, every document is allowed, because a router writes documents of its own.
   */
  textOf({ id, query }: NamedDocument, isProvenRouter: boolean): string | undefined {
    const text = id === undefined ? undefined : this.#texts.get(id)
    if (text !== undefined) {
      if (query && query !== text) throw differentQuery()
      return text
    }
    if (query) {
      if (!this.#isOnly || isProvenRouter || this.#known.has(query)) return query
      this.#refused.inc({ reason: 'not_trusted' })
      throw notTrusted()
    }
    if (id === undefined) return undefined
    if (this.#texts.size === 0) throw notSupported()
    this.#refused.inc({ reason: 'not_found' })
    throw notFound()
  }
}

/** Documents of the manifest that do not fit the schema. The problems name their ids, and quote no document. */
export class UnfitDocuments extends Error {
  override readonly name = 'UnfitDocuments'
  readonly problems: readonly string[]
  constructor(problems: readonly string[]) {
    super(problems.join('; '))
    this.problems = problems
  }
}

/** The maximum number of documents whose problems are listed. */
const MAX_UNFIT = 20

/** Parses, validates and compiles the documents, and keeps them for good. Throws UnfitDocuments. */
export function trustAll(operations: Operations, documents: readonly TrustedDocument[]) {
  const problems: string[] = []
  for (const { id, text } of documents) {
    const [error] = operations.trust(text)
    if (error === undefined) continue
    if (problems.length === MAX_UNFIT) throw new UnfitDocuments([...problems, 'and more documents'])
    const [at] = error.locations ?? []
    const place = at === undefined ? '' : ` (line ${at.line}, column ${at.column})`
    problems.push(`${id}: ${withoutLiterals(error, 'KEPT')}${place}`)
  }
  if (problems.length > 0) throw new UnfitDocuments(problems)
}

/**
 * The ids that follow from the text: the SHA-256 with the prefix of the GraphQL over HTTP draft, and without it, as clients of
 * Apollo compute it.
 */
export function hashIdsOf(text: string): readonly [prefixed: string, plain: string] {
  const hash = createHash('sha256').update(text).digest('hex')
  return [`sha256:${hash}`, hash]
}

/** Message, code and status are those of Apollo Server, by which clients send the query itself and then stop sending hashes. */
function notSupported(): GraphQLError {
  return new GraphQLError('PersistedQueryNotSupported', {
    extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED', http: { status: 200 } },
  })
}

/** Apollo Client and urql recognize the code or the message, and send the query itself. */
function notFound(): GraphQLError {
  return new GraphQLError('PersistedQueryNotFound', {
    extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', http: { spec: true, status: 404 } },
  })
}

function notTrusted(): GraphQLError {
  return new GraphQLError(
    'Only trusted documents are run. Send the id of a document of the manifest, or ask the operator to add this one.',
    { extensions: { code: 'DOCUMENT_NOT_TRUSTED', http: { spec: true, status: 403 } } },
  )
}

function differentQuery(): GraphQLError {
  return new GraphQLError('The query is not the document that the id names. Send one of the two.', {
    extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
  })
}
