import type { IncomingMessage } from 'node:http'
import type { Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'

/** The values of Content-Encoding that are read. Source of the names: RFC 9110. */
const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
}

export type Body =
  /** `bytes` as they were sent: they are what a router signs. */
  | { readonly outcome: 'READ'; readonly bytes: Buffer }
  /** There is none, or it goes on to Yoga as it comes. */
  | { readonly outcome: 'STREAMS' }
  | { readonly outcome: 'TOO_LARGE' | 'UNKNOWN_ENCODING' | 'BROKEN_ENCODING' }

/**
 * Holds a request to `most` bytes before GraphQL sees it, as sent and as decompressed. With a Content-Length the parser
 * of node:http keeps the sender to it, and the body may stream on untouched (STREAM); a chunked or compressed body, and
 * any that is wanted WHOLE, is read and counted here. The rest of a body that is too large is taken off the wire unread,
 * as a sender in the middle of sending does not see an answer. Rejects where the sender breaks off.
 */
export async function receiveBody(
  request: IncomingMessage,
  most: number,
  mode: 'STREAM' | 'WHOLE',
): Promise<Body> {
  const length = request.headers['content-length']
  if (length === undefined && request.headers['transfer-encoding'] === undefined)
    return { outcome: 'STREAMS' }
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined
  if (decoder === undefined && encoding !== 'identity' && encoding !== '') {
    request.resume()
    return { outcome: 'UNKNOWN_ENCODING' }
  }
  if (mode === 'STREAM' && decoder === undefined && length !== undefined && Number(length) <= most)
    return { outcome: 'STREAMS' }

  const bytes = await collect(request, most)
  if (bytes === undefined) return { outcome: 'TOO_LARGE' }
  const body = decoder === undefined ? bytes : await decompress(bytes, decoder(), most)
  if (typeof body === 'string') return { outcome: body }
  // Where Yoga looks for a body that has been read before it.
  Object.assign(request, { body: new TextDecoder().decode(body) })
  return { outcome: 'READ', bytes }
}

async function collect(request: IncomingMessage, most: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes <= most) chunks.push(chunk)
    else chunks.length = 0
  }
  return bytes > most ? undefined : Buffer.concat(chunks)
}

/** Stops at the first chunk beyond `most`: what a small body inflates to never fills the memory. */
async function decompress(
  bytes: Buffer,
  decoder: Transform,
  most: number,
): Promise<Buffer | 'TOO_LARGE' | 'BROKEN_ENCODING'> {
  const chunks: Buffer[] = []
  let inflated = 0
  try {
    decoder.end(bytes)
    for await (const chunk of decoder) {
      inflated += chunk.length
      // Leaving the loop destroys the decoder.
      if (inflated > most) return 'TOO_LARGE'
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch {
    return 'BROKEN_ENCODING'
  }
}
