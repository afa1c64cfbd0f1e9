import type { ServerResponse } from 'node:http'
import { ANSWER_TYPES, REQUEST_TYPES } from './media-types.ts'

export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

const CHALLENGE = 'Bearer realm="clever-contacts-gateway"'

/** Refusals of requests before GraphQL sees them, in a form that a GraphQL client understands. */
export const REFUSALS = {
  MISSING: {
    status: 401,
    code: 'UNAUTHENTICATED',
    message: 'The request has no token. Send the header Authorization: Bearer …',
    headers: { 'www-authenticate': CHALLENGE },
  },
  INVALID: {
    status: 401,
    code: 'UNAUTHENTICATED',
    message:
      'The token is not accepted: it has expired, or its issuer, audience, signature or claims are not accepted here. Sign in again.',
    headers: { 'www-authenticate': `${CHALLENGE}, error="invalid_token"` },
  },
  NO_SCOPE: {
    status: 403,
    code: 'FORBIDDEN',
    message:
      'The token of a service needs the scope students:read, contacts:read or both. Ask the issuer for a token with them.',
    headers: {
      'www-authenticate': `${CHALLENGE}, error="insufficient_scope", scope="students:read contacts:read"`,
    },
  },
  UNAVAILABLE: {
    status: 503,
    code: 'AUTHENTICATION_UNAVAILABLE',
    message:
      'The keys of the issuer are not known at the moment, so the token cannot be checked. Try again later.',
    headers: { 'retry-after': '30' },
  },
  FOREIGN: {
    status: 403,
    code: 'FORBIDDEN',
    message: 'Pages of this origin may not use the gateway. The operator can add the origin to CORS_ORIGINS.',
  },
  NOT_FROM_ROUTER: {
    status: 403,
    code: 'FORBIDDEN',
    message:
      'Only the router may use the gateway. The request must have the secret or a signature of the router. Compare ROUTER_SECRET with the configuration of the router.',
  },
  TOO_LARGE: {
    status: 413,
    code: 'PAYLOAD_TOO_LARGE',
    message: 'The request is too large. Send variables instead of long literals, or several requests.',
  },
  MISDIRECTED: {
    status: 421,
    code: 'MISDIRECTED_REQUEST',
    message: 'The gateway does not serve this host name. Use localhost, or add the name to ALLOWED_HOSTS.',
  },
  NOT_FOUND: { status: 404, code: 'NOT_FOUND', message: 'This path does not exist. GraphQL is at /graphql.' },
  BAD_HOST: {
    status: 400,
    code: 'BAD_REQUEST',
    message: 'The request must have one Host header, with a valid name or address.',
  },
  BAD_TARGET: {
    status: 400,
    code: 'BAD_REQUEST',
    message: 'The target of the request must be a path, such as /graphql.',
  },
  MALFORMED: { status: 400, code: 'BAD_REQUEST', message: 'The request is not valid HTTP/1.1.' },
  WEBSOCKET: {
    status: 400,
    code: 'BAD_REQUEST',
    message: 'WebSocket is not supported: subscribe over Server-Sent Events (accept: text/event-stream).',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    code: 'METHOD_NOT_ALLOWED',
    message: 'The path does not support this method: the header `allow` lists the methods that it supports.',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    code: 'NOT_ACCEPTABLE',
    message: `The Accept header must include one of ${ANSWER_TYPES.join(', ')}; a subscription needs text/event-stream.`,
  },
  TOO_SLOW: {
    status: 408,
    code: 'REQUEST_TIMEOUT',
    message: 'The request did not arrive in time. Send it again, faster.',
  },
  UNKNOWN_TYPE: {
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message: `The content-type must be one of ${REQUEST_TYPES.join(', ')}, in UTF-8.`,
  },
  UNKNOWN_ENCODING: {
    status: 415,
    code: 'UNSUPPORTED_MEDIA_TYPE',
    message: 'The content-encoding must be gzip, deflate or br, once, or be left out.',
    headers: { 'accept-encoding': 'gzip, deflate, br' },
  },
  BROKEN_ENCODING: {
    status: 400,
    code: 'BAD_REQUEST',
    message: 'The body cannot be decompressed as its content-encoding says.',
  },
  UNMET_EXPECTATION: {
    status: 417,
    code: 'EXPECTATION_FAILED',
    message: 'The only Expect header that is supported is 100-continue.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    code: 'HEADERS_TOO_LARGE',
    message: 'The headers are larger than 16 KiB. Send a long query by POST.',
  },
  OVERLOADED: {
    status: 503,
    code: 'OVERLOADED',
    message: 'The maximum number of requests is in progress. Try again after a second.',
    headers: { 'retry-after': '1' },
  },
  UNEXPECTED: { status: 500, code: 'INTERNAL_SERVER_ERROR', message: 'Unexpected error.' },
} satisfies Record<string, Refusal>

export function refuse(response: ServerResponse, refusal: Refusal) {
  for (const [name, value] of Object.entries(refusal.headers ?? {})) response.setHeader(name, value)
  answer(response, refusal.status, refusalBody(refusal))
}

export function refusalBody({ code, message }: Refusal) {
  return { errors: [{ message, extensions: { code } }] }
}

export const JSON_ANSWER = 'application/json; charset=utf-8'

export function answer(response: ServerResponse, status: number, json: object) {
  const text = JSON.stringify(json)
  response.writeHead(status, { 'content-type': JSON_ANSWER, 'content-length': Buffer.byteLength(text) })
  const { req: request } = response
  const isLast = !response.shouldKeepAlive || response.getHeader('connection') === 'close'
  if (request.complete || !isLast) return void response.end(text)
  response.write(text)
  // To close a connection while the client sends would destroy the answer on its way. The server limits how long it sends.
  const end = () => response.end()
  request.once('end', end).once('close', end).resume()
}
