/** Memory is not reserved for more than this, whatever the header says. Bytes. */
const MAX_RESERVED = 32_000_000

/** Puts the chunks of a body together. A body of one chunk is not copied. Any other is copied once if its length is known. */
export class BodyBuffer {
  readonly #expected: number
  #reserved: Buffer | undefined
  readonly #chunks: Buffer[] = []
  #length = 0

  /** `expected`: the length that the head of the answer gives, in bytes; NaN if it gives none. */
  constructor(expected: number) {
    this.#expected = expected
  }

  add(chunk: Buffer) {
    const hasMore = chunk.length < this.#expected
    if (this.#length === 0 && hasMore && this.#expected <= MAX_RESERVED)
      this.#reserved = Buffer.allocUnsafeSlow(this.#expected)
    if (this.#reserved === undefined) this.#chunks.push(chunk)
    else chunk.copy(this.#reserved, this.#length)
    this.#length += chunk.length
  }

  whole(): Buffer {
    if (this.#reserved !== undefined) return this.#reserved.subarray(0, this.#length)
    const [first, ...others] = this.#chunks
    return first !== undefined && others.length === 0 ? first : Buffer.concat(this.#chunks)
  }
}
