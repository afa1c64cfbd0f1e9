import type { ExecutionResult, GraphQLError } from 'graphql'

export type AnswerType = 'application/json' | 'application/graphql-response+json'

/** An answer as HTTP sends it. */
export interface Rendered {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
}

interface HttpExtension {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Whether the status is only for clients of application/graphql-response+json. */
  readonly spec?: boolean
}

const NO_HEADERS = {}

/** Status and body by GraphQL over HTTP. What an error says to HTTP alone is left out of the body. */
export function render(result: ExecutionResult, type: AnswerType): Rendered {
  const { errors } = result
  if (errors === undefined) return { status: 200, headers: NO_HEADERS, text: JSON.stringify(result) }
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
  return { status: status || 200, headers, text: JSON.stringify(body) }
}

function withoutHttp(error: GraphQLError) {
  const { message, locations, path, extensions } = error.toJSON()
  const { http: _http, ...rest } = extensions ?? {}
  return {
    message,
    ...(locations !== undefined && { locations }),
    ...(path !== undefined && { path }),
    ...(Object.keys(rest).length > 0 && { extensions: rest }),
  }
}
