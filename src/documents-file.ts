import { z } from 'zod'

const FORMAT = 'apollo-persisted-query-manifest'

/** The manifest of Apollo's tools. They may write further fields. */
export const manifest = z.looseObject({
  format: z.literal(FORMAT),
  version: z.literal(1),
  operations: z.array(
    z.looseObject({
      id: z.string().describe('The id by which clients name the document.'),
      body: z.string().describe('The document.'),
    }),
  ),
})

export const documentsById = z
  .record(z.string(), z.string())
  .describe('Documents by their ids, as the client preset, gql.tada and Relay write them.')

/** TRUSTED_DOCUMENTS, in one of two formats. */
export const documentsFile = z.union([manifest, documentsById])
