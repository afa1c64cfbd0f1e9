const MIN_CAPACITY = 8
/** Below this share of used slots a table is resized. */
const MIN_LOAD = 0.25
/** The objects of one table that is not empty. Measured; docs/performance.md has the figures. */
const TABLE_BYTES = 600
const WORD_BYTES = Uint32Array.BYTES_PER_ELEMENT
const NO_WORDS = new Uint32Array(0)

export type HashOf = (words: Uint32Array, at: number) => number

/**
 * An open-addressed hash table from keys with a fixed number of 32-bit words to numbers, in one typed array: some 14 bytes for a
 * key of one word and 47 for one of six. A Map takes 40 and more than 100, and its strings are objects that the garbage collector
 * visits. Key and number are beside each other, so that most look-ups wait for memory once. Time is constant for each key as
 * long as few keys have the same hash.
 */
export class SlotTable {
  /** The words of a slot: the number, which is 0 for a free slot, and the key. */
  readonly #width: number
  readonly #hashOf: HashOf
  readonly #maxLoad: number
  #words = NO_WORDS
  #capacity = 0
  #size = 0

  /**
   * `width`: the words of a key. `hashOf`: 32 bits without a sign, from the key that begins at a place. `maxLoad`: the share
   * of used slots, at least 0.5 and below 1, beyond which the table is resized to twice the slots that it uses.
   */
  constructor(width: number, hashOf: HashOf, maxLoad: number) {
    this.#width = 1 + width
    this.#hashOf = hashOf
    this.#maxLoad = maxLoad
  }

  /** What is allocated, also for free slots. */
  get bytes(): number {
    return this.#capacity === 0 ? 0 : TABLE_BYTES + this.#words.length * WORD_BYTES
  }

  /** The number of a key; 0 if the key is not in the table. */
  get(key: Uint32Array, hash: number): number {
    return this.#words[this.#find(key, hash) * this.#width] ?? 0
  }

  /** Number 0 removes the key. */
  set(key: Uint32Array, hash: number, number: number) {
    const slot = this.#find(key, hash)
    const isThere = this.#isUsed(slot)
    if (number === 0 && isThere) this.#removeAt(slot)
    else if (isThere) this.#words[slot * this.#width] = number
    else if (number !== 0) this.#add(key, hash, number, slot)
  }

  /** Visits all keys with a hash, and some with another one. */
  visit(hash: number, each: (words: Uint32Array, at: number) => void) {
    for (let slot = this.#firstSlot(hash); this.#isUsed(slot); slot = this.#next(slot))
      each(this.#words, this.#keyAt(slot))
  }

  /** The slot of a key, or the free slot where it belongs. */
  #find(key: Uint32Array, hash: number): number {
    let slot = this.#firstSlot(hash)
    while (this.#isUsed(slot) && !this.#holds(slot, key)) slot = this.#next(slot)
    return slot
  }

  #holds(slot: number, key: Uint32Array): boolean {
    const at = this.#keyAt(slot)
    for (let word = 0; word < key.length; word += 1) if (this.#words[at + word] !== key[word]) return false
    return true
  }

  /** `slot`: a free one where the key belongs, unless the table is resized. */
  #add(key: Uint32Array, hash: number, number: number, slot: number) {
    const isFull = this.#size + 1 > this.#capacity * this.#maxLoad
    if (isFull) this.#resize(this.#size + 1)
    const at = (isFull ? this.#freeSlot(hash) : slot) * this.#width
    this.#words[at] = number
    this.#words.set(key, at + 1)
    this.#size += 1
  }

  #freeSlot(hash: number): number {
    let slot = this.#firstSlot(hash)
    while (this.#isUsed(slot)) slot = this.#next(slot)
    return slot
  }

  /** Moves back the keys behind the slot that belong before it, so that no search ends at the gap. */
  #removeAt(removed: number) {
    let gap = removed
    for (let slot = this.#next(gap); this.#isUsed(slot); slot = this.#next(slot)) {
      const first = this.#firstSlot(this.#hashOf(this.#words, this.#keyAt(slot)))
      const capacity = this.#capacity
      if ((slot - first + capacity) % capacity < (slot - gap + capacity) % capacity) continue
      this.#words.copyWithin(gap * this.#width, slot * this.#width, (slot + 1) * this.#width)
      gap = slot
    }
    this.#words[gap * this.#width] = 0
    this.#size -= 1
    const isSparse = this.#capacity > MIN_CAPACITY && this.#size < this.#capacity * MIN_LOAD
    if (isSparse || this.#size === 0) this.#resize(this.#size)
  }

  /** To room for so many keys. Changes nothing if memory is refused, which throws. */
  #resize(size: number) {
    const words = this.#words
    const capacity = size === 0 ? 0 : Math.max(MIN_CAPACITY, size * 2)
    this.#words = capacity === 0 ? NO_WORDS : new Uint32Array(capacity * this.#width)
    this.#capacity = capacity
    for (let at = 0; at < words.length; at += this.#width) {
      if (words[at] === 0) continue
      const next = this.#freeSlot(this.#hashOf(words, at + 1)) * this.#width
      for (let word = 0; word < this.#width; word += 1) this.#words[next + word] = words[at + word] ?? 0
    }
    if (words !== NO_WORDS) words.buffer.transfer(0)
  }

  #keyAt(slot: number): number {
    return slot * this.#width + 1
  }

  #firstSlot(hash: number): number {
    return Math.floor((hash * this.#capacity) / 0x1_0000_0000)
  }

  #next(slot: number): number {
    return slot + 1 === this.#capacity ? 0 : slot + 1
  }

  #isUsed(slot: number): boolean {
    return (this.#words[slot * this.#width] ?? 0) !== 0
  }
}

/** Spreads similar numbers over 32 bits: the last step of MurmurHash3. */
export function mixBits(number: number): number {
  let bits = Math.imul(number ^ (number >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
