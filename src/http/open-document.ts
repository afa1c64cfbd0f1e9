import type { Params } from '../execution/answer.ts'
import type { TrustedDocuments } from '../execution/trusted-documents.ts'
import { type DocumentIds, documentIdOf } from './document-id.ts'
import type { Incoming } from './incoming.ts'

/** The parameters of a request as they were sent: with a query, or with the id of a document. */
export type SentParams = Params & DocumentIds

/** The parameters with the text of the document that was sent or named. Throws the error for the client. */
export type OpenDocument = (sent: SentParams, incoming: Incoming) => Params

export function createOpenDocument(documents: TrustedDocuments): OpenDocument {
  return (sent, { isProvenRouter }) => ({
    query: documents.textOf({ id: documentIdOf(sent), query: sent.query }, isProvenRouter),
    operationName: sent.operationName,
    variables: sent.variables,
  })
}
