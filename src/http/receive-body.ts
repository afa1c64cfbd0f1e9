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
  /**
   * `bytes`: the body as it was sent, which a router signs. `text`: the body after decompression and
   * decoding.
   */
  | { readonly outcome: 'READ'; readonly bytes: Buffer; readonly text: string }
  | { readonly outcome: 'NONE' }
  | { readonly outcome: 'TOO_LARGE' | 'UNKNOWN_ENCODING' | 'BROKEN_ENCODING' }

/**
 * Reads a body of at most `max` bytes, as sent and as decompressed. The rest of a body that is too large is
 * received and discarded, because a client sees no answer while it is still sending. Rejects if the client
 * disconnects.
 */
export async function receiveBody(request: IncomingMessage, max: number): Promise<Body> {
  const length = request.headers['content-length']
  if (length === undefined && request.headers['transfer-encoding'] === undefined) return { outcome: 'NONE' }
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase()
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined
  if (decoder === undefined && encoding !== 'identity' && encoding !== '') {
    request.resume()
    return { outcome: 'UNKNOWN_ENCODING' }
  }
  if (Number(length) > max) {
    request.resume()
    return { outcome: 'TOO_LARGE' }
  }
  const bytes = await collect(request, max)
  if (bytes === undefined) return { outcome: 'TOO_LARGE' }
  const body = decoder === undefined ? bytes : await decompress(bytes, decoder(), max)
  if (typeof body === 'string') return { outcome: body }
  const text = withoutMark(body.toString())
  provideBody(request, text)
  return { outcome: 'READ', bytes, text }
}

/** Sets the property in which Yoga finds a body that was read before. */
export function provideBody(request: IncomingMessage, text: string) {
  Object.assign(request, { body: text })
}

/** Some editors and languages begin a text with a byte-order mark. */
function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text
}

/** Uses events, because reading a stream as an iterator takes three times as long. */
function collect(request: IncomingMessage, max: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= max) chunks.push(chunk)
      else chunks.length = 0
    })
    const breakOff = () => reject(new Error('the client broke off'))
    request.once('end', () => {
      request.off('close', breakOff)
      const [only] = chunks
      if (bytes > max) resolve(undefined)
      else resolve(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks))
    })
    request.once('error', reject)
    request.once('close', breakOff)
  })
}

/** Stops at the first chunk beyond `max`, so that a small compressed body cannot fill the memory. */
async function decompress(
  bytes: Buffer,
  decoder: Transform,
  max: number,
): Promise<Buffer | 'TOO_LARGE' | 'BROKEN_ENCODING'> {
  const chunks: Buffer[] = []
  let inflated = 0
  try {
    decoder.end(bytes)
    for await (const chunk of decoder) {
      inflated += chunk.length
      // Leaving the loop destroys the decoder.
      if (inflated > max) return 'TOO_LARGE'
      chunks.push(chunk)
    }
    return Buffer.concat(chunks)
  } catch {
    return 'BROKEN_ENCODING'
  }
}
