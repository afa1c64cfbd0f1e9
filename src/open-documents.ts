import type { Config } from './config.ts'
import { documentsById, documentsFile, manifest } from './documents-file.ts'
import {
  hashIdsOf,
  type TrustedDocument,
  type TrustedDocumentsOptions,
} from './execution/trusted-documents.ts'
import { checkShape, JsonFileError, parseJsonBytes, readFileOrRefuse } from './files/json-file.ts'
import { named } from './open-access.ts'

/** Documents at both limits took 3 s and 90 MB at the start, before any was run. */
const MAX_DOCUMENTS = 2_000
const MAX_CHARACTERS = 1_000_000

/** The characters of ids in the GraphQL over HTTP draft, and those of base64. */
const ID = /^[A-Za-z0-9._~:+/=-]{1,200}$/
const SHA256 = /^(?:sha256:)?[0-9a-f]{64}$/

/** The trusted documents that the settings name. Throws AccessFileError. */
export async function openDocuments({
  TRUSTED_DOCUMENTS: path,
  TRUSTED_DOCUMENTS_ONLY: isOnly,
}: Config): Promise<TrustedDocumentsOptions> {
  return {
    documents: path === undefined ? [] : await named('TRUSTED_DOCUMENTS', readDocuments(path)),
    isOnly,
  }
}

/** The documents of a manifest. Throws JsonFileError, which names ids and quotes no document. */
export async function readDocuments(path: string): Promise<readonly TrustedDocument[]> {
  const { bytes } = await readFileOrRefuse(path)
  const json = parseJsonBytes(bytes, documentsFile)
  const documents = isManifest(json)
    ? checkShape(json, manifest).operations.map(({ id, body }) => ({ id, text: body }))
    : Object.entries(checkShape(json, documentsById)).map(([id, text]) => ({ id, text }))
  checkSize(documents)
  const problems = isManifest(json) ? wrongHashes(documents) : []
  problems.push(...wrongIds(documents), ...sharedIds(documents))
  if (problems.length > 0) throw new JsonFileError('INVALID', problems)
  return documents
}

function isManifest(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'format' in json && 'operations' in json
}

function checkSize(documents: readonly TrustedDocument[]) {
  const characters = documents.reduce((sum, { text }) => sum + text.length, 0)
  const problems = [
    ...(documents.length === 0 ? ['the file has no documents'] : []),
    ...(documents.length > MAX_DOCUMENTS ? [`the file has more than ${MAX_DOCUMENTS} documents`] : []),
    ...(characters > MAX_CHARACTERS
      ? [`the documents have more than ${MAX_CHARACTERS} characters together`]
      : []),
  ]
  if (problems.length > 0) throw new JsonFileError('INVALID', problems)
}

/** Apollo's tools use the SHA-256 of the document unless they are told otherwise, so such an id must be right. */
function wrongHashes(documents: readonly TrustedDocument[]): string[] {
  return documents
    .filter(({ id, text }) => SHA256.test(id) && !hashIdsOf(text).includes(id))
    .map(({ id }) => `${id}: the id is a SHA-256, but not that of its document: write the manifest again`)
}

function wrongIds(documents: readonly TrustedDocument[]): string[] {
  return documents.flatMap(({ id }, index) =>
    ID.test(id)
      ? []
      : [
          `the id of document ${index + 1} must have 1 to 200 letters, digits and . _ ~ : + / = -, and nothing else`,
        ],
  )
}

/** An id that stands for two documents would answer a client with the data of another query. */
function sharedIds(documents: readonly TrustedDocument[]): string[] {
  const texts = new Map<string, string>()
  const problems: string[] = []
  const claim = (id: string, text: string, message: string) => {
    if ((texts.get(id) ?? text) !== text) problems.push(`${id}: ${message}`)
    texts.set(id, text)
  }
  for (const { id, text } of documents) claim(id, text, 'the id stands for two documents')
  for (const { text } of documents)
    for (const hash of hashIdsOf(text)) claim(hash, text, 'the id is the SHA-256 of another document')
  return problems
}
