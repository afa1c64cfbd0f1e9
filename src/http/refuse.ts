import type { ServerResponse } from 'node:http'

interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

const CHALLENGE = 'Bearer realm="clever-contacts-gateway"'

/** What is refused before GraphQL sees it, in the form that a GraphQL client understands. */
export const REFUSALS = {
  MISSING: {
    status: 401,
    code: 'UNAUTHENTICATED',
    message: 'Send a token: Authorization: Bearer …',
    headers: { 'www-authenticate': CHALLENGE },
  },
  INVALID: {
    status: 401,
    code: 'UNAUTHENTICATED',
    message:
      'The token will not do: it has expired, or is not from an issuer, for an audience or with claims that count here.',
    headers: { 'www-authenticate': `${CHALLENGE}, error="invalid_token"` },
  },
  UNAVAILABLE: {
    status: 503,
    code: 'AUTHENTICATION_UNAVAILABLE',
    message: 'The keys of the issuer cannot be had, so nobody can be let in. Try again later.',
    headers: { 'retry-after': '30' },
  },
  FOREIGN: {
    status: 403,
    code: 'FORBIDDEN',
    message: 'Pages of this origin may not ask: see the setting CORS_ORIGINS.',
  },
  UNSIGNED: {
    status: 403,
    code: 'FORBIDDEN',
    message: 'Only the router may ask: the request must carry its signature.',
  },
  TOO_LARGE: {
    status: 413,
    code: 'PAYLOAD_TOO_LARGE',
    message: 'The request is too large. Send variables instead of long literals, or several requests.',
  },
  MISDIRECTED: {
    status: 421,
    code: 'MISDIRECTED_REQUEST',
    message: 'This gateway is on loopback and answers to localhost only.',
  },
  NOT_FOUND: { status: 404, code: 'NOT_FOUND', message: 'There is nothing here. GraphQL is at /graphql.' },
  UNEXPECTED: { status: 500, code: 'INTERNAL_SERVER_ERROR', message: 'Unexpected error.' },
} satisfies Record<string, Refusal>

export function refuse(response: ServerResponse, { status, code, message, headers }: Refusal) {
  for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value)
  answer(response, status, { errors: [{ message, extensions: { code } }] })
}

export function answer(response: ServerResponse, status: number, json: object) {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(json))
}
