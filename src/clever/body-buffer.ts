/** Memory is not reserved for more than this, whatever the header says. Bytes. */
const MAX_RESERVED = 32_000_000

/** Puts the chunks of a body together, without copying a body of one chunk, and copying any other once if its length is known. */
export class BodyBuffer {
  readonly #expected: number
  #reserved: Buffer | undefined
  #chunks: Buffer[] = []
  #length = 0

  /** `expected`: the bytes of the body as its head tells, or NaN. */
  constructor(expected: number) {
    this.#expected = expected
  }

  add(chunk: Buffer) {
    const isOnly = this.#length === 0 && chunk.length === this.#expected
    if (this.#length === 0 && !isOnly && this.#expected <= MAX_RESERVED)
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
