import type { IncomingMessage } from 'node:http'
import type { SentParams } from './open-document.ts'
import type { AnswerType } from './render.ts'

/** A request in the form that nearly all clients send: a POST of JSON that accepts JSON. */
export interface PlainRequest {
  readonly params: SentParams
  readonly type: AnswerType
}

/** Undefined for a request in any other form, which Yoga reads. `body` is the whole body. */
export function readPlainRequest({ headers }: IncomingMessage, body: string): PlainRequest | undefined {
  const type = answerType(headers.accept)
  if (type === undefined || headers['content-type'] !== 'application/json') return undefined
  const params = parse(body)
  return params && { params, type }
}

/**
 * The type by the most wanted range. The ranges are in order. A request for a stream has none of these types.
 */
function answerType(accept = '*/*'): AnswerType | undefined {
  const [first] = accept.split(',', 1)
  if (first === 'application/graphql-response+json') return first
  return first === 'application/json' || first === '*/*' || first === 'application/*'
    ? 'application/json'
    : undefined
}

function parse(body: string): PlainRequest['params'] | undefined {
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return undefined
  }
  return isPlain(json) ? json : undefined
}

const KNOWN = new Set(['query', 'operationName', 'variables', 'extensions', 'documentId', 'doc_id'])

function isPlain(json: unknown): json is PlainRequest['params'] {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return false
  for (const name in json) if (!KNOWN.has(name)) return false
  const { query, operationName, variables, extensions } = json as Record<string, unknown>
  return (
    (query == null || typeof query === 'string') &&
    (operationName == null || (typeof operationName === 'string' && operationName !== '')) &&
    isObjectOrMissing(variables) &&
    isObjectOrMissing(extensions)
  )
}

function isObjectOrMissing(value: unknown): boolean {
  return value == null || (typeof value === 'object' && !Array.isArray(value))
}
