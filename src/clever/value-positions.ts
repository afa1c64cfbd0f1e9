import { CONTACT_TEXTS, STUDENT_TEXTS } from '../model/codec.ts'

const VALUES = [
  ...new Set([...STUDENT_TEXTS, ...CONTACT_TEXTS]),
  ...(['id', 'homeLanguage', 'preferredFirst', 'preferredMiddle', 'preferredLast'] as const),
  ...(['entryStudent', 'entryRelationship', 'entryType'] as const),
]
export type ValueName = (typeof VALUES)[number]

/** The number of a value. A property whose name is chosen at run time would be slower. */
export type Slot = number
export const slotOf = (value: ValueName): Slot => VALUES.indexOf(value)

/**
 * Where the values of one record stand in the bytes of a page, without their quotation marks. The values are strings without
 * escapes. Used again for the next record, because 10,000 records with 20 values each would be garbage.
 */
export class ValuePositions {
  readonly #starts = new Uint32Array(VALUES.length)
  /** 0 for a value that is absent. */
  readonly #ends = new Uint32Array(VALUES.length)
  /** Where the ids of schools begin. */
  readonly schoolIds: number[] = []
  /** Where the ids of the students of relationships begin. */
  readonly studentIds: number[] = []
  /** Where the relationship and the type begin and end, for each of these students. */
  readonly words: number[] = []

  clear() {
    for (let slot = 0; slot < this.#ends.length; slot += 1) this.#ends[slot] = 0
    this.schoolIds.length = 0
    this.studentIds.length = 0
    this.words.length = 0
  }

  set(slot: Slot, start: number, end: number) {
    this.#starts[slot] = start
    this.#ends[slot] = end
  }

  remove(slot: Slot) {
    this.#ends[slot] = 0
  }

  has(slot: Slot): boolean {
    return this.#ends[slot] !== 0
  }

  startOf(slot: Slot): number {
    return this.#starts[slot] ?? 0
  }

  endOf(slot: Slot): number {
    return this.#ends[slot] ?? 0
  }
}
