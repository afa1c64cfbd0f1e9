import type { EncodedRecord } from '../model/codec.ts'
import type { Span } from './coverage.ts'
import { type Place, RecordTexts } from './record-texts.ts'
import { createSortedMap } from './sorted-map.ts'

export type EncodedRow = readonly [id: string, encoded: EncodedRecord]

/** The bytes of a record besides its slot: its id, and its entry in the tree. Measured; docs/performance.md has the figures. */
const ENTRY_BYTES = 68

/** Encoded records in the order of their ids: a tree of the places of their texts. Read an iterator to its end before any change. */
export class EncodedRecords {
  readonly #places = createSortedMap<Place>()
  readonly #texts = new RecordTexts((id, place) => this.#places.changeIfPresent(id, place))

  get size(): number {
    return this.#places.size
  }

  get bytes(): number {
    return this.#texts.bytes + this.#places.size * ENTRY_BYTES
  }

  get lastId(): string | undefined {
    return this.#places.maxKey()
  }

  /** Costs about 1 µs. */
  get(id: string): EncodedRecord | undefined {
    const place = this.#places.get(id)
    return place === undefined ? undefined : this.#texts.at(id, place)
  }

  set(id: string, encoded: EncodedRecord) {
    const place = this.#texts.add(id, encoded)
    if (this.#places.setIfNotPresent(id, place)) return
    const before = this.#places.get(id)
    this.#places.set(id, place)
    if (before !== undefined) this.#texts.remove(id, before)
  }

  delete(id: string) {
    const place = this.#places.get(id)
    if (place === undefined) return
    this.#places.delete(id)
    this.#texts.remove(id, place)
    if (this.#places.size === 0) this.#texts.clear()
  }

  /** The ids of a span. */
  idsIn({ after, upTo }: Span): readonly string[] {
    const ids = this.#places.getRange(after, upTo, true).map(([id]) => id)
    return ids[0] === after ? ids.slice(1) : ids
  }

  /** Ascending ids above `after`. */
  idsAfter(after: string): IteratorObject<string> {
    return Iterator.from(this.#places.entries(`${after} `)).map(([id]) => id)
  }

  /** The records with ids above `after`, in ascending order. */
  ascendingAfter(after: string): IteratorObject<EncodedRow> {
    return Iterator.from(this.#places.entries(`${after} `)).map(this.#row)
  }

  /** The records with ids below `before`, in descending order. */
  descendingBefore(before: string): IteratorObject<EncodedRow> {
    return Iterator.from(this.#places.entriesReversed(before, undefined, true)).map(this.#row)
  }

  readonly #row = ([id, place]: readonly [string, Place]): EncodedRow => [id, this.#texts.at(id, place)]
}
