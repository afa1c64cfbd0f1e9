/** The body of an answer in chunks, each in memory of its own, so that it can be given to a thread. There are few. */
export type Body = readonly Uint8Array<ArrayBuffer>[]

export function lengthOf(body: Body): number {
  return body.reduce((length, chunk) => length + chunk.length, 0)
}

/**
 * The whole body in memory of its own. A body of one chunk is not copied. `afterChunk` receives each chunk that was copied. Small bodies
 * are left to the collector: to free their chunks at once took 7 ms of a cold page, for memory that is needed again soon.
 */
export function joined(body: Body, afterChunk: (chunk: Body[number]) => void = () => {}): ArrayBuffer {
  const [first] = body
  if (first !== undefined && body.length === 1) return first.buffer
  const whole = unfilled(lengthOf(body))
  let at = 0
  for (const chunk of body) {
    whole.set(chunk, at)
    at += chunk.length
    afterChunk(chunk)
  }
  return whole.buffer
}

/** Bytes */
const CHUNK = 65_536
/** Bytes. A smaller chunk is copied, even if it has memory of its own. */
const MIN_KEPT = CHUNK / 2

/**
 * Collects the chunks that are received. A large chunk that is alone in its memory is kept: most are without TLS. Others are
 * copied into chunks of 64 KiB when they are received: over TLS, four share their memory.
 */
export class BodyCollector {
  readonly #body: Uint8Array<ArrayBuffer>[] = []
  /** The bytes that are still expected; NaN if that is not known. */
  #expected: number
  #open: Uint8Array<ArrayBuffer> | undefined
  /** The bytes in `#open`. */
  #used = 0

  /** `expected`: the length that the head of the answer gives, in bytes; NaN if it gives none. */
  constructor(expected: number) {
    this.#expected = expected
  }

  add(chunk: Uint8Array) {
    if (chunk.length >= MIN_KEPT && isAlone(chunk)) {
      this.#close()
      this.#body.push(chunk)
    } else this.#copy(chunk)
    this.#expected -= chunk.length
  }

  /** Nothing may be added any more. */
  body(): Body {
    this.#close()
    return this.#body
  }

  #copy(chunk: Uint8Array) {
    for (let rest = chunk; rest.length > 0; ) {
      this.#open ??= unfilled(this.#expected >= rest.length ? Math.min(this.#expected, CHUNK) : CHUNK)
      const part = rest.subarray(0, this.#open.length - this.#used)
      this.#open.set(part, this.#used)
      this.#used += part.length
      rest = rest.subarray(part.length)
      if (this.#used === this.#open.length) this.#close()
    }
  }

  #close() {
    if (this.#open !== undefined)
      this.#body.push(this.#used === this.#open.length ? this.#open : this.#open.slice(0, this.#used))
    this.#open = undefined
    this.#used = 0
  }
}

function unfilled(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.allocUnsafeSlow(length).buffer)
}

function isAlone(chunk: Uint8Array): chunk is Uint8Array<ArrayBuffer> {
  return chunk.buffer instanceof ArrayBuffer && chunk.byteLength === chunk.buffer.byteLength
}
