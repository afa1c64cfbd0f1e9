const MIN_CAPACITY = 8
/** Below this share of used slots a table is resized. */
const MIN_LOAD = 0.25
/** The objects of one table that is not empty. Measured; docs/performance.md has the figures. */
const TABLE_BYTES = 600
const NO_WORDS = new Uint32Array(0)
const NO_MARKS = new Uint8Array(0)

export type HashOf = (words: Uint32Array, at: number) => number

/**
 * An open-addressed hash table of keys with a fixed number of 32-bit words, in two typed arrays: some 8 bytes a key of one
 * word and 42 of six. A Map takes 40 and more than 100, and its strings are objects that the garbage collector visits. Each
 * key has a mark from 1 to 255. Time is constant for each key as long as few keys have the same hash.
 */
export class SlotTable {
  readonly #width: number
  readonly #hashOf: HashOf
  readonly #maxLoad: number
  /** The key of slot n begins at n times the width. */
  #words = NO_WORDS
  /** 0 for a free slot. */
  #marks = NO_MARKS
  #size = 0

  /**
   * `width`: the words of a key. `hashOf`: 32 bits without a sign, from the key that begins at a place. `maxLoad`: the share
   * of used slots, from 0.5 to 1, beyond which the table is resized to twice the slots that it uses.
   */
  constructor(width: number, hashOf: HashOf, maxLoad: number) {
    this.#width = width
    this.#hashOf = hashOf
    this.#maxLoad = maxLoad
  }

  /** What is allocated, also for free slots. */
  get bytes(): number {
    const capacity = this.#marks.length
    return capacity === 0 ? 0 : TABLE_BYTES + capacity * (this.#width * 4 + 1)
  }

  /** The mark of a key; 0 if the key is not in the table. */
  get(key: Uint32Array, hash: number): number {
    return this.#marks[this.#find(key, hash)] ?? 0
  }

  /** Mark 0 removes the key. */
  set(key: Uint32Array, hash: number, mark: number) {
    const slot = this.#find(key, hash)
    const isThere = this.#isUsed(slot)
    if (mark === 0 && isThere) this.#removeAt(slot)
    else if (isThere) this.#marks[slot] = mark
    else if (mark !== 0) this.#add(key, hash, mark, slot)
  }

  /** Visits all keys with a hash, and some with another one. */
  visit(hash: number, each: (words: Uint32Array, at: number) => void) {
    for (let slot = this.#firstSlot(hash); this.#isUsed(slot); slot = this.#next(slot))
      each(this.#words, slot * this.#width)
  }

  /** The slot of a key, or the free slot where it belongs. */
  #find(key: Uint32Array, hash: number): number {
    let slot = this.#firstSlot(hash)
    while (this.#isUsed(slot) && !this.#holds(slot, key)) slot = this.#next(slot)
    return slot
  }

  #holds(slot: number, key: Uint32Array): boolean {
    const at = slot * this.#width
    for (let word = 0; word < this.#width; word += 1) if (this.#words[at + word] !== key[word]) return false
    return true
  }

  /** `slot`: a free one where the key belongs, unless the table is resized. */
  #add(key: Uint32Array, hash: number, mark: number, slot: number) {
    this.#size += 1
    const isFull = this.#size > this.#marks.length * this.#maxLoad
    if (isFull) this.#resize()
    this.#put(key, 0, mark, isFull ? this.#freeSlot(hash) : slot)
  }

  #freeSlot(hash: number): number {
    let slot = this.#firstSlot(hash)
    while (this.#isUsed(slot)) slot = this.#next(slot)
    return slot
  }

  #put(words: Uint32Array, from: number, mark: number, slot: number) {
    this.#marks[slot] = mark
    const at = slot * this.#width
    for (let word = 0; word < this.#width; word += 1) this.#words[at + word] = words[from + word] ?? 0
  }

  /** Moves back the keys behind the slot that belong before it, so that no search ends at the gap. */
  #removeAt(removed: number) {
    let gap = removed
    for (let slot = this.#next(gap); this.#isUsed(slot); slot = this.#next(slot)) {
      const first = this.#firstSlot(this.#hashOf(this.#words, slot * this.#width))
      const capacity = this.#marks.length
      if ((slot - first + capacity) % capacity < (slot - gap + capacity) % capacity) continue
      this.#words.copyWithin(gap * this.#width, slot * this.#width, (slot + 1) * this.#width)
      this.#marks[gap] = this.#marks[slot] ?? 0
      gap = slot
    }
    this.#marks[gap] = 0
    this.#size -= 1
    const isSparse = this.#marks.length > MIN_CAPACITY && this.#size < this.#marks.length * MIN_LOAD
    if (isSparse || this.#size === 0) this.#resize()
  }

  #resize() {
    const [words, marks] = [this.#words, this.#marks]
    const capacity = this.#size === 0 ? 0 : Math.max(MIN_CAPACITY, this.#size * 2)
    this.#words = capacity === 0 ? NO_WORDS : new Uint32Array(capacity * this.#width)
    this.#marks = capacity === 0 ? NO_MARKS : new Uint8Array(capacity)
    for (let slot = 0; slot < marks.length; slot += 1) {
      const mark = marks[slot] ?? 0
      const at = slot * this.#width
      if (mark !== 0) this.#put(words, at, mark, this.#freeSlot(this.#hashOf(words, at)))
    }
  }

  #firstSlot(hash: number): number {
    return Math.floor((hash * this.#marks.length) / 0x1_0000_0000)
  }

  #next(slot: number): number {
    return slot + 1 === this.#marks.length ? 0 : slot + 1
  }

  #isUsed(slot: number): boolean {
    return (this.#marks[slot] ?? 0) !== 0
  }
}

/** Spreads similar numbers over 32 bits: the last step of MurmurHash3. */
export function mixBits(number: number): number {
  let bits = Math.imul(number ^ (number >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
