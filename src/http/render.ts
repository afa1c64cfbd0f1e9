import type { ExecutionResult, GraphQLError } from 'graphql'
import { answerTooLarge } from '../../schema/errors.ts'

export type AnswerType = 'application/json' | 'application/graphql-response+json'

/** An answer as HTTP sends it. */
export interface Rendered {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** Length of the text in UTF-8. */
  readonly bytes: number
  /** Whether the text is the error in place of an answer that was too large. */
  readonly isTooLarge: boolean
}

interface HttpExtension {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Whether the status is only for clients of application/graphql-response+json. */
  readonly spec?: boolean
}

const NO_HEADERS = {}

/**
 * Status and body by GraphQL over HTTP. Extensions of errors that are only for HTTP are left out of the body.
 * An answer of more than `maxBytes` is replaced by an error; its disclosures stay in the audit.
 */
export function render(result: ExecutionResult, type: AnswerType, maxBytes: number): Rendered {
  const { errors } = result
  if (errors === undefined) return { status: 200, headers: NO_HEADERS, ...stringify(result, maxBytes) }
  let status = 0
  let headers: Record<string, string> = {}
  for (const { extensions } of errors) {
    const http = extensions.http as HttpExtension | undefined
    if (http === undefined) continue
    headers = { ...headers, ...http.headers }
    const isForOthers = http.spec === true && type === 'application/json'
    if (!isForOthers && http.status !== undefined) status = Math.max(status, http.status)
  }
  const body = { ...result, errors: errors.map(withoutHttp) }
  return { status: status || 200, headers, ...stringify(body, maxBytes) }
}

/** Serializes an answer, or the error in its place if it is longer than `maxBytes` or than a string can be. */
export function stringify(
  answer: object & { readonly extensions?: unknown },
  maxBytes: number,
): Pick<Rendered, 'text' | 'bytes' | 'isTooLarge'> {
  const text = jsonOf(answer)
  const bytes = text === undefined ? Number.POSITIVE_INFINITY : Buffer.byteLength(text)
  if (text !== undefined && bytes <= maxBytes) return { text, bytes, isTooLarge: false }
  const refusal = JSON.stringify({ errors: [answerTooLarge()], extensions: answer.extensions })
  return { text: refusal, bytes: Buffer.byteLength(refusal), isTooLarge: true }
}

function jsonOf(answer: object): string | undefined {
  try {
    return JSON.stringify(answer)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

/** The error as it is sent. */
export function withoutHttp(error: GraphQLError) {
  const { message, locations, path, extensions } = error.toJSON()
  const { http: _http, ...rest } = extensions ?? {}
  return {
    message,
    ...(locations !== undefined && { locations }),
    ...(path !== undefined && { path }),
    ...(Object.keys(rest).length > 0 && { extensions: rest }),
  }
}
