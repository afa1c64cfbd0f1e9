import { GraphQLError } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import type { IncomingContext } from './incoming.ts'
import type { OpenDocument, SentParams } from './open-document.ts'

/** The parameters beside a query, and the document that they name. An empty operation name counts as none. */
export function useParameters(openDocument: OpenDocument): Plugin {
  return {
    onParams({ params, setParams, request, context }) {
      checkTypes(params)
      const sent: SentParams = request.method === 'GET' ? { ...params, ...idsInUrl(request.url) } : params
      const { query, operationName, variables } = openDocument(sent, (context as IncomingContext).incoming)
      const { documentId: _id, doc_id: _docId, ...others } = params as SentParams
      setParams({
        ...(others as GraphQLParams),
        ...(query !== undefined && { query }),
        ...(variables != null && { variables }),
        operationName: operationName === '' ? undefined : operationName,
      } as GraphQLParams)
    },
  }
}

/** Yoga reads no other parameters of a URL than those of a query. */
function idsInUrl(url: string) {
  const search = new URL(url).searchParams
  return { documentId: search.get('documentId'), doc_id: search.get('doc_id') }
}

/** Yoga leaves the types of the parameters to the libraries that execute, and those are not used. */
function checkTypes({ query, operationName, variables, extensions }: GraphQLParams) {
  const isWrong =
    (query != null && typeof query !== 'string') ||
    (operationName != null && typeof operationName !== 'string') ||
    !isObjectOrMissing(variables) ||
    !isObjectOrMissing(extensions)
  if (!isWrong) return
  const message =
    'Send `query` and `operationName` as strings, and `variables` and `extensions` as objects, in JSON.'
  throw new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } })
}

function isObjectOrMissing(value: unknown): boolean {
  return value == null || (typeof value === 'object' && !Array.isArray(value))
}
