import type { IncomingMessage } from 'node:http'

export interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

/**
 * Holds a request to `most` bytes before GraphQL sees it. With a Content-Length the parser of node:http keeps the
 * sender to its word and the body streams on untouched; a chunked body is read here, counted, and handed on whole. What
 * is refused is still taken off the wire, unread, as a sender in the midst of sending does not see an answer.
 */
export async function receiveBody(request: IncomingMessage, most: number): Promise<Refusal | undefined> {
  const length = request.headers['content-length']
  if (length === undefined && request.headers['transfer-encoding'] === undefined) return undefined
  if (length !== undefined && Number(length) <= most) return undefined

  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes <= most) chunks.push(chunk)
    else chunks.length = 0
  }
  if (bytes > most) return tooLarge(most)
  // Where Yoga looks for a body that somebody has read before it.
  Object.assign(request, { body: Buffer.concat(chunks).toString() })
  return undefined
}

function tooLarge(most: number): Refusal {
  return {
    status: 413,
    code: 'PAYLOAD_TOO_LARGE',
    message: `The request is larger than ${most} bytes. Send variables instead of long literals, or several requests.`,
  }
}
