import type { IncomingMessage } from 'node:http'

/**
 * Holds a request to `most` bytes before GraphQL sees it. With a Content-Length the parser of node:http keeps the
 * sender to its word and the body may stream on untouched (STREAM); a chunked one, and any that is wanted WHOLE, is read
 * here, counted, and handed on. What is too large is still taken off the wire, unread, as a sender in the midst of
 * sending does not see an answer. Undefined for a body that streams or is not there.
 */
export async function receiveBody(
  request: IncomingMessage,
  most: number,
  mode: 'STREAM' | 'WHOLE',
): Promise<string | undefined | 'TOO_LARGE'> {
  const length = request.headers['content-length']
  if (length === undefined && request.headers['transfer-encoding'] === undefined) return undefined
  if (mode === 'STREAM' && length !== undefined && Number(length) <= most) return undefined

  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes <= most) chunks.push(chunk)
    else chunks.length = 0
  }
  if (bytes > most) return 'TOO_LARGE'
  const body = Buffer.concat(chunks).toString()
  // Where Yoga looks for a body that somebody has read before it.
  Object.assign(request, { body })
  return body
}
