interface Word {
  readonly place: number
  readonly bytes: Uint8Array
}

/** Finds which of a few words stands in bytes, without making a string of them. The words are ASCII. */
export class ByteWords {
  /** By length. */
  readonly #words: readonly (readonly Word[])[]

  constructor(words: readonly string[]) {
    const all = words.map((word, place) => ({ place, bytes: Buffer.from(word, 'latin1') }))
    const maxLength = Math.max(...words.map(({ length }) => length))
    this.#words = Array.from({ length: maxLength + 1 }, (_, length) =>
      all.filter(({ bytes }) => bytes.length === length),
    )
  }

  /** The place of the word among the words; -1 if it is none of them. Costs about 0.02 µs. */
  find(bytes: Uint8Array, start: number, end: number): number {
    const length = end - start
    if (length >= this.#words.length) return -1
    const words = this.#words[length] ?? []
    for (let i = 0; i < words.length; i += 1) {
      const word = words[i]
      if (word !== undefined && isAt(word.bytes, bytes, start)) return word.place
    }
    return -1
  }
}

/** Whether a word stands at a place. */
export function isAt(word: Uint8Array, bytes: Uint8Array, start: number): boolean {
  for (let i = 0; i < word.length; i += 1) if (bytes[start + i] !== word[i]) return false
  return true
}
