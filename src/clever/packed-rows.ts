import type { EncodedRecord } from '../model/codec.ts'
import { ID_LENGTH, type UserId } from '../model/ids.ts'
import type { Row, RowList } from '../model/ranges.ts'

/**
 * The rows of a page, each its id and its encoded record, beside each other in one buffer. A thread hands it to another one
 * without a copy, and has no objects that outlive its young generation.
 */
export interface PackedRows {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** For each row: four times the offset in `bytes` at which it ends, plus its kind. */
  readonly ends: Uint32Array<ArrayBuffer>
}

const UNIT = 4
/** ABSENT for a user without the role of the page. These two have no text after the id. */
const [ABSENT, NOT_WANTED, ASCII, UTF8] = [0, 1, 2, 3]

/** The memory that a thread gives up when it hands the rows over. */
export function buffersOf({ bytes, ends }: PackedRows): readonly ArrayBuffer[] {
  return [bytes.buffer, ends.buffer]
}

/** The rows, each made when it is read, which costs some 0.4 µs. */
export function rowsOf({ bytes, ends }: PackedRows): RowList {
  return new PackedRowList(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), ends)
}

/** Frees their memory at once. They cannot be read any more. */
export function freeRows(rows: PackedRows) {
  for (const buffer of buffersOf(rows)) buffer.transfer(0)
}

class PackedRowList implements RowList {
  readonly #bytes: Buffer
  readonly #ends: Uint32Array
  /** The place of the first row in `ends`. */
  readonly #from: number
  readonly length: number

  constructor(bytes: Buffer, ends: Uint32Array, from = 0, upTo = ends.length) {
    this.#bytes = bytes
    this.#ends = ends
    this.#from = from
    this.length = upTo - from
  }

  at(index: number): Row | undefined {
    const place = index < 0 ? this.length + index : index
    return place >= 0 && place < this.length ? this.#rowAt(this.#from + place) : undefined
  }

  slice(start: number, end: number): RowList {
    const upTo = Math.min(end, this.length)
    return new PackedRowList(this.#bytes, this.#ends, this.#from + Math.min(start, upTo), this.#from + upTo)
  }

  *[Symbol.iterator](): IterableIterator<Row> {
    for (let place = 0; place < this.length; place += 1) yield this.#rowAt(this.#from + place)
  }

  #rowAt(place: number): Row {
    if (this.#bytes.length === 0) throw new Error('a row of a page that was freed')
    const start = place === 0 ? 0 : offsetOf(this.#ends[place - 1] ?? 0)
    const textStart = start + ID_LENGTH
    const end = this.#ends[place] ?? 0
    const id = this.#bytes.toString('latin1', start, textStart) as UserId
    return { id, encoded: this.#encoded(end % UNIT, textStart, offsetOf(end)) }
  }

  #encoded(kind: number, start: number, end: number): Row['encoded'] {
    if (kind === ABSENT) return undefined
    if (kind === NOT_WANTED) return null
    return this.#bytes.toString(kind === ASCII ? 'latin1' : 'utf8', start, end)
  }
}

function offsetOf(end: number): number {
  return Math.floor(end / UNIT)
}

/** Bytes */
const USUAL_CAPACITY = 4_096

/** Packs the rows of a page, in its order. Each row is begun with its id, and ended with or without a text. */
export class RowPacker {
  #bytes: Buffer<ArrayBuffer>
  #length = 0
  #isOpen = false
  readonly #ends: number[] = []

  /** `capacity`, in bytes: to copy no rows, as many as the rows are likely to take. Memory is only taken as it is written to. */
  constructor(capacity = USUAL_CAPACITY) {
    this.#bytes = Buffer.allocUnsafeSlow(capacity)
  }

  begin(id: UserId) {
    if (this.#isOpen) throw new Error('a row without an end')
    this.#isOpen = true
    this.reserve(ID_LENGTH).write(id, this.#length, 'latin1')
    this.#length += ID_LENGTH
  }

  /** Returns a buffer with room for `count` bytes from `length` on. Write the text there in UTF-8, and then call `end`. */
  reserve(count: number): Buffer {
    const needed = this.#length + count
    if (needed > this.#bytes.length)
      this.#bytes = Buffer.from(this.#resized(Math.max(2 * this.#bytes.length, needed)))
    return this.#bytes
  }

  get length(): number {
    return this.#length
  }

  /** Ends a row whose text was written up to `length`. */
  end(length: number, isAscii: boolean) {
    this.#end(length, isAscii ? ASCII : UTF8)
  }

  endWith(encoded: EncodedRecord) {
    const count = Buffer.byteLength(encoded)
    this.reserve(count).write(encoded, this.#length)
    this.end(this.#length + count, count === encoded.length)
  }

  endWithoutText(why: 'ABSENT' | 'NOT_WANTED') {
    this.#end(this.#length, why === 'ABSENT' ? ABSENT : NOT_WANTED)
  }

  #end(length: number, kind: number) {
    if (!this.#isOpen) throw new Error('a row without an id')
    this.#isOpen = false
    this.#length = length
    this.#ends.push(length * UNIT + kind)
  }

  /** Removes the last row. */
  removeLast() {
    this.#ends.pop()
    this.#length = offsetOf(this.#ends.at(-1) ?? 0)
  }

  packed(): PackedRows {
    if (this.#isOpen) throw new Error('a row without an end')
    if (this.#length < this.#bytes.length / 2) this.#bytes = Buffer.from(this.#resized(this.#length))
    const bytes = new Uint8Array(this.#bytes.buffer, 0, this.#length)
    return { bytes, ends: Uint32Array.from(this.#ends) }
  }

  /** Frees its memory at once. Nothing can be packed any more. */
  free() {
    this.#bytes.buffer.transfer(0)
  }

  /** Frees the old memory at once, which would otherwise be garbage for each page. */
  #resized(byteLength: number): ArrayBuffer {
    return this.#bytes.buffer.transfer(byteLength)
  }
}
