import { Readable } from 'node:stream'
import { createGunzip, createZstdDecompress } from 'node:zlib'

/** The maximum length of a line that is read. A longer line is not an audit line. bytes */
const MAX_LINE_BYTES = 64_000_000
const NEWLINE = 0x0a

const UNREADABLE = [
  { name: 'bzip2', magic: Buffer.from('BZh') },
  { name: 'xz', magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]) },
]
const GZIP = Buffer.from([0x1f, 0x8b])
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd])
/** The longest of them. */
const MAGIC_BYTES = 5

/** A file in an unsupported compression format. */
export class UnknownCompression extends Error {
  override readonly name = 'UnknownCompression'
}

/**
 * The lines of a stream, without their ends, decompressed if its first bytes show gzip. Undefined for a line
 * that is too long. Empty lines are left out. Memory: one line. Throws UnknownCompression, and the errors of
 * the stream.
 */
export async function* linesOf(source: Readable): AsyncGenerator<string | undefined> {
  let parts: Buffer[] = []
  let length = 0
  function take(): string | undefined {
    const text = length > MAX_LINE_BYTES ? undefined : Buffer.concat(parts).toString().trimEnd()
    parts = []
    length = 0
    return text
  }
  function keep(part: Buffer) {
    length += part.length
    if (length <= MAX_LINE_BYTES) parts.push(part)
    else parts = []
  }
  try {
    for await (const chunk of decompressed(source)) {
      let start = 0
      for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
        keep(chunk.subarray(start, end))
        start = end + 1
        const line = take()
        if (line !== '') yield line
      }
      keep(chunk.subarray(start))
    }
    const last = take()
    if (last !== '') yield last
  } finally {
    source.destroy()
  }
}

async function* decompressed(source: Readable): AsyncGenerator<Buffer> {
  const chunks: AsyncIterator<Buffer> = source[Symbol.asyncIterator]()
  const first = await firstBytes(chunks)
  const unreadable = UNREADABLE.find(({ magic }) => startsWith(first, magic))
  if (unreadable !== undefined) throw new UnknownCompression(unreadable.name)
  const decompress = startsWith(first, GZIP)
    ? createGunzip()
    : startsWith(first, ZSTD)
      ? createZstdDecompress()
      : undefined
  if (decompress === undefined) return yield* rejoined(first, chunks)
  const compressed = Readable.from(rejoined(first, chunks))
  compressed.on('error', (error) => decompress.destroy(error))
  yield* compressed.pipe(decompress)
}

/** The bytes that show the compression; fewer at the end of the stream. */
async function firstBytes(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let first: Buffer = Buffer.alloc(0)
  while (first.length < MAGIC_BYTES) {
    const { done, value } = await chunks.next()
    if (done) break
    first = Buffer.concat([first, value])
  }
  return first
}

async function* rejoined(first: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
}

function startsWith(bytes: Buffer, magic: Buffer): boolean {
  return bytes.subarray(0, magic.length).equals(magic)
}
