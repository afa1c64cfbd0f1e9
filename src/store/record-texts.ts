import type { EncodedRecord } from '../model/codec.ts'
import { ID_WORDS, readId, writeId } from './id-words.ts'

/** Where a text is: the chunk, and the word in it where its slot begins, in one number. */
export type Place = number

const CHUNK_WORDS = 0x4000
/** A place has 32 bits. This many chunks are 16 GiB of usual texts; fewer of texts above 8 KiB, which have chunks of their own. */
const MAX_CHUNKS = 2 ** 32 / CHUNK_WORDS
const MIN_CHUNK_WORDS = 0x40
/** A larger slot has a chunk of its own. */
const MAX_SHARED_WORDS = CHUNK_WORDS / 8
const WORD_BYTES = Uint32Array.BYTES_PER_ELEMENT
/** A slot has one word with the length of its text in bytes and two flags, three words with the id, and the text, padded to whole words. */
const HEAD_WORDS = 1 + ID_WORDS
const LENGTH_UNIT = 4
const IS_ASCII = 2
const IS_LIVE = 1
/** A chunk with a smaller share of live slots is emptied. */
const MIN_LIVE = 0.5

interface Chunk {
  readonly index: number
  readonly bytes: Buffer
  readonly words: Uint32Array<ArrayBuffer>
  /** The words from the beginning that have slots. */
  used: number
  /** Those of them that have live slots. */
  live: number
}

/**
 * Texts in chunks of memory outside of V8's heap, so that the garbage collector neither copies nor visits them. A change leaves a
 * dead slot. Live slots take at least half of the used part of each chunk, except the last one: a chunk with fewer is emptied into
 * others, which takes up to a millisecond.
 *
 * A slot has the id of its text, so that a wrong place is an error, and never the text of another person.
 */
export class RecordTexts {
  readonly #onMove: (id: string, place: Place) => void
  readonly #chunks: (Chunk | undefined)[] = []
  readonly #freeIndexes: number[] = []
  /** Where the next text goes. */
  #last: Chunk | undefined
  #bytes = 0
  readonly #id = new Uint32Array(ID_WORDS)

  /** `onMove` receives the new place of a text, and the id that it was added with. */
  constructor(onMove: (id: string, place: Place) => void) {
    this.#onMove = onMove
  }

  /** What is allocated, dead slots included. */
  get bytes(): number {
    return this.#bytes
  }

  /** Costs about 0.3 µs. */
  add(id: string, text: EncodedRecord): Place {
    const length = Buffer.byteLength(text)
    const isAscii = length === text.length
    const size = HEAD_WORDS + Math.ceil(length / WORD_BYTES)
    const chunk = this.#chunkFor(size)
    const at = take(chunk, size)
    chunk.words[at] = length * LENGTH_UNIT + (isAscii ? IS_ASCII : 0) + IS_LIVE
    writeId(id, chunk.words, at + 1)
    chunk.bytes.write(text, (at + HEAD_WORDS) * WORD_BYTES, isAscii ? 'latin1' : 'utf8')
    return placeOf(chunk, at)
  }

  /** Costs about 0.3 µs. */
  at(id: string, place: Place): EncodedRecord {
    const { chunk, at } = this.#find(id, place)
    const head = chunk.words[at] ?? 0
    const start = (at + HEAD_WORDS) * WORD_BYTES
    const encoding = (head & IS_ASCII) === 0 ? 'utf8' : 'latin1'
    return chunk.bytes.toString(encoding, start, start + lengthOf(head))
  }

  remove(id: string, place: Place) {
    const { chunk, at } = this.#find(id, place)
    drop(chunk, at)
    if (chunk !== this.#last) this.#emptyIfSparse(chunk)
  }

  clear() {
    for (const chunk of this.#chunks) chunk?.words.buffer.transfer(0)
    this.#chunks.length = 0
    this.#freeIndexes.length = 0
    this.#last = undefined
    this.#bytes = 0
  }

  #find(id: string, place: Place): { readonly chunk: Chunk; readonly at: number } {
    const chunk = this.#chunks[Math.floor(place / CHUNK_WORDS)]
    const at = place % CHUNK_WORDS
    writeId(id, this.#id, 0)
    if (chunk === undefined || !isLive(chunk.words[at] ?? 0) || !holdsId(chunk.words, at + 1, this.#id))
      throw new Error('the text of a record is not in its place')
    return { chunk, at }
  }

  #chunkFor(size: number): Chunk {
    if (size > MAX_SHARED_WORDS) return this.#allocate(size)
    const last = this.#last
    if (last !== undefined && last.used + size <= last.words.length) return last
    // Chunks grow with the table, so that a small one is small.
    const words = Math.min(Math.max(this.#bytes / WORD_BYTES / 2, MIN_CHUNK_WORDS), CHUNK_WORDS)
    this.#last = this.#allocate(Math.max(Math.ceil(words), size))
    if (last !== undefined) this.#emptyIfSparse(last)
    return this.#chunkFor(size)
  }

  #allocate(size: number): Chunk {
    const index = this.#freeIndexes.pop() ?? this.#chunks.length
    if (index >= MAX_CHUNKS) throw new RangeError('more texts than one table can hold')
    const bytes = Buffer.allocUnsafeSlow(size * WORD_BYTES)
    const chunk = { index, bytes, words: new Uint32Array(bytes.buffer), used: 0, live: 0 }
    this.#chunks[index] = chunk
    this.#bytes += bytes.length
    return chunk
  }

  #emptyIfSparse(chunk: Chunk) {
    if (chunk.live >= chunk.used * MIN_LIVE) return
    for (let at = 0; chunk.live > 0; at += sizeOf(chunk.words[at] ?? 0))
      if (isLive(chunk.words[at] ?? 0)) this.#move(chunk, at)
    this.#chunks[chunk.index] = undefined
    this.#freeIndexes.push(chunk.index)
    this.#bytes -= chunk.bytes.length
    chunk.words.buffer.transfer(0)
  }

  #move(from: Chunk, at: number) {
    const size = sizeOf(from.words[at] ?? 0)
    const to = this.#chunkFor(size)
    const next = take(to, size)
    to.words.set(from.words.subarray(at, at + size), next)
    drop(from, at)
    this.#onMove(readId(to.words, next + 1), placeOf(to, next))
  }
}

function take(chunk: Chunk, size: number): number {
  const at = chunk.used
  chunk.used += size
  chunk.live += size
  return at
}

/** Marks a slot as dead. */
function drop(chunk: Chunk, at: number) {
  const head = chunk.words[at] ?? 0
  chunk.words[at] = head - IS_LIVE
  chunk.live -= sizeOf(head)
}

function holdsId(words: Uint32Array, at: number, id: Uint32Array): boolean {
  for (let word = 0; word < ID_WORDS; word += 1) if (words[at + word] !== id[word]) return false
  return true
}

function placeOf({ index }: Chunk, at: number): Place {
  return index * CHUNK_WORDS + at
}

function isLive(head: number): boolean {
  return (head & IS_LIVE) !== 0
}

function lengthOf(head: number): number {
  return Math.floor(head / LENGTH_UNIT)
}

/** The words of a slot. */
function sizeOf(head: number): number {
  return HEAD_WORDS + Math.ceil(lengthOf(head) / WORD_BYTES)
}
