import { randomUUID } from 'node:crypto'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import type { Duplex } from 'node:stream'
import type { Logger } from '../log.ts'
import { JSON_ANSWER, REFUSALS, type Refusal, refusalBody, refuse } from './refuse.ts'

export interface HttpServerOptions {
  readonly listener: RequestListener
  /** The time within which the headers and the body of a request must arrive. ms */
  readonly requestTimeout: number
  /** How long an idle connection stays open. ms */
  readonly keepAlive: number
  readonly log: Logger
}

/** The time after which the connection of a refused client is closed, because it may still be sending. ms */
const LINGER_MS = 1_000

/** Refusals by the error code of node:http. MALFORMED for any other code. */
const BY_CODE: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: REFUSALS.HEADERS_TOO_LARGE,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: REFUSALS.TOO_LARGE,
  ERR_HTTP_REQUEST_TIMEOUT: REFUSALS.TOO_SLOW,
}

/**
 * The server of node:http. It answers in JSON even where node:http would close the connection or answer
 * without a body.
 */
export function createHttpServer({ listener, requestTimeout, keepAlive, log }: HttpServerOptions): Server {
  const latest = new WeakMap<Duplex, { request: IncomingMessage; response: ServerResponse }>()
  const refused = new WeakSet<Duplex>()
  const answer: RequestListener = (request, response) => {
    latest.set(request.socket, { request, response })
    return listener(request, response)
  }
  const server = createServer(
    {
      // A client that sends more slowly than the gateway answers only holds a connection.
      requestTimeout,
      headersTimeout: requestTimeout,
      connectionsCheckingInterval: Math.max(Math.min(requestTimeout / 4, 5_000), 50),
      keepAliveTimeout: keepAlive,
      // The listener checks the Host header, and answers in JSON.
      requireHostHeader: false,
    },
    answer,
  )

  function refuseConnection(socket: Duplex, refusal: Refusal) {
    refused.add(socket)
    const requestId = randomUUID()
    log.info({ requestId, status: String(refusal.status), reason: refusal.code }, 'connection refused')
    socket.on('error', () => {})
    socket.end(asText(refusal, requestId))
    setTimeout(() => socket.destroy(), LINGER_MS).unref()
  }

  server.on('checkExpectation', answer)
  server.on('connect', (_request, socket) => refuseConnection(socket, REFUSALS.BAD_TARGET))
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const { request, response } = latest.get(socket) ?? {}
    if (refused.has(socket)) return
    if (!socket.writable || error.code === 'ECONNRESET') return socket.destroy()
    const refusal = BY_CODE[error.code ?? ''] ?? REFUSALS.MALFORMED
    const isBeingAnswered = response !== undefined && !response.writableFinished
    if (!isBeingAnswered) return refuseConnection(socket, refusal)
    // A second answer must not get into the middle of the first.
    if (response.headersSent) return socket.destroy()
    refused.add(socket)
    response.setHeader('connection', 'close')
    // The request before the broken one still gets its answer. Then the connection is closed.
    if (request?.complete) return
    refuse(response, refusal)
    // The rest of the request will not be read.
    response.end()
    setTimeout(() => socket.destroy(), LINGER_MS).unref()
  })
  return server
}

function asText(refusal: Refusal, requestId: string): string {
  const body = JSON.stringify(refusalBody(refusal))
  const headers = {
    'x-request-id': requestId,
    'cache-control': 'no-store',
    vary: 'Origin',
    'content-type': JSON_ANSWER,
    'content-length': String(Buffer.byteLength(body)),
    date: new Date().toUTCString(),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const status = `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`
  return `${[status, ...lines].join('\r\n')}\r\n\r\n${body}`
}
