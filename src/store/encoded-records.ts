import type { EncodedRecord } from '../model/codec.ts'
import type { Span } from './coverage.ts'
import { type Place, RecordTexts } from './record-texts.ts'
import { SortedPlaces } from './sorted-places.ts'

export type EncodedRow = readonly [id: string, encoded: EncodedRecord]

/** Encoded records in the order of their ids: the places of their texts. Read an iterator to its end before any change. */
export class EncodedRecords {
  readonly #places = new SortedPlaces()
  readonly #texts = new RecordTexts((id, place) => this.#places.change(id, place))

  get size(): number {
    return this.#places.size
  }

  get bytes(): number {
    return this.#texts.bytes + this.#places.bytes
  }

  get lastId(): string | undefined {
    return this.#places.lastId
  }

  /** Costs about 1 µs. */
  get(id: string): EncodedRecord | undefined {
    const place = this.#places.get(id)
    return place === undefined ? undefined : this.#texts.at(id, place)
  }

  set(id: string, encoded: EncodedRecord) {
    const place = this.#texts.add(id, encoded)
    const before = this.#setPlace(id, place)
    if (before !== undefined) this.#texts.remove(id, before)
  }

  #setPlace(id: string, place: Place): Place | undefined {
    try {
      return this.#places.set(id, place)
    } catch (error) {
      // An allocation was refused. Without its place, the text would take the place of a later one when it is moved.
      this.#texts.remove(id, place)
      throw error
    }
  }

  delete(id: string) {
    const before = this.#places.delete(id)
    if (before === undefined) return
    this.#texts.remove(id, before)
    if (this.#places.size === 0) this.#texts.clear()
  }

  /** The number of records in a span. */
  countIn(span: Span): number {
    return this.#places.countIn(span)
  }

  /** The ids of a span. */
  idsIn({ after, upTo }: Span): readonly string[] {
    const ids: string[] = []
    for (const id of this.idsAfter(after)) {
      if (id > upTo) break
      ids.push(id)
    }
    return ids
  }

  /** Ascending ids above `after`. */
  idsAfter(after: string): IteratorObject<string> {
    return this.#places.above(after).map(([id]) => id)
  }

  /** The records with ids above `after`, in ascending order. */
  ascendingAfter(after: string): IteratorObject<EncodedRow> {
    return this.#places.above(after).map(this.#row)
  }

  /** The records with ids below `before`, in descending order. */
  descendingBefore(before: string): IteratorObject<EncodedRow> {
    return this.#places.below(before).map(this.#row)
  }

  readonly #row = ([id, place]: readonly [string, Place]): EncodedRow => [id, this.#texts.at(id, place)]
}
