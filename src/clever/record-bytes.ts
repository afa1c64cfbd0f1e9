import { CONTACT_TEXTS, KEYS_MARK, printKey, STUDENT_TEXTS } from '../model/codec.ts'
import { ID_LENGTH } from '../model/ids.ts'
import type { SharedKeys } from '../model/shared-keys.ts'
import type { RowPacker } from './packed-rows.ts'
import { type Slot, slotOf, type ValuePositions } from './value-positions.ts'

const STUDENT_SLOTS = STUDENT_TEXTS.map(slotOf)
const CONTACT_SLOTS = CONTACT_TEXTS.map(slotOf)
const HOME_LANGUAGE = slotOf('homeLanguage')
const PREFERRED_NAME = [slotOf('preferredFirst'), slotOf('preferredMiddle'), slotOf('preferredLast')]
/** Bytes from here on are parts of a character outside of ASCII. */
const BEYOND_ASCII = 0x80

/** Writes encoded records from the values of a page, as `encodeForRole` does from parsed ones. It copies their bytes. */
export class RecordBytes {
  readonly #source: Uint8Array
  readonly #packer: RowPacker
  readonly #maxBytes: number
  #bytes: Uint8Array
  /** Where the next byte goes. */
  #length = 0
  /** The bitwise OR of the bytes that were copied. */
  #all = 0

  /** `maxBytes`: of a record. */
  constructor(source: Uint8Array, packer: RowPacker, maxBytes: number) {
    this.#source = source
    this.#packer = packer
    this.#maxBytes = maxBytes
    this.#bytes = source
  }

  student(values: ValuePositions) {
    this.#begin()
    this.#putTexts(values, STUDENT_SLOTS)
    for (const [i, start] of values.schoolIds.entries()) this.#putListed(i, start, start + ID_LENGTH)
    const hasName = PREFERRED_NAME.some((slot) => values.has(slot))
    if (hasName || values.has(HOME_LANGUAGE)) {
      this.#put('],[')
      this.#putText(values.startOf(HOME_LANGUAGE), values.endOf(HOME_LANGUAGE))
      if (hasName) {
        this.#put(',[')
        for (const [i, slot] of PREFERRED_NAME.entries())
          this.#putListed(i, values.startOf(slot), values.endOf(slot))
        this.#put(']')
      }
    }
    this.#put(']]')
    this.#packer.end(this.#length, this.#all < BEYOND_ASCII)
  }

  contact(values: ValuePositions, keys: SharedKeys) {
    this.#begin()
    const { studentIds, words } = values
    for (const start of studentIds) this.#copy(start, start + ID_LENGTH)
    this.#put(KEYS_MARK)
    for (const key of keys) this.#put(printKey(key))
    this.#putTexts(values, CONTACT_SLOTS)
    for (let i = 0; i < words.length; i += 2) this.#putListed(i, words[i] ?? 0, words[i + 1] ?? 0)
    this.#put(']]')
    this.#packer.end(this.#length, this.#all < BEYOND_ASCII)
  }

  #begin() {
    this.#bytes = this.#packer.reserve(this.#maxBytes)
    this.#length = this.#packer.length
    this.#all = 0
  }

  /** The texts of a role, up to the list that follows them. */
  #putTexts(values: ValuePositions, slots: readonly Slot[]) {
    this.#put('[')
    for (const slot of slots) {
      this.#putText(values.startOf(slot), values.endOf(slot))
      this.#put(',')
    }
    this.#put('[')
  }

  #putListed(place: number, start: number, end: number) {
    if (place > 0) this.#put(',')
    this.#putText(start, end)
  }

  /** A string with its quotation marks; null if it is absent. */
  #putText(start: number, end: number) {
    if (end === 0) this.#put('null')
    else this.#copy(start - 1, end + 1)
  }

  #copy(start: number, end: number) {
    const [source, bytes] = [this.#source, this.#bytes]
    let length = this.#length
    let all = this.#all
    for (let at = start; at < end; at += 1) {
      const byte = source[at] ?? 0
      bytes[length] = byte
      all |= byte
      length += 1
    }
    this.#length = length
    this.#all = all
  }

  /** ASCII. */
  #put(text: string) {
    for (let i = 0; i < text.length; i += 1) this.#bytes[this.#length + i] = text.charCodeAt(i)
    this.#length += text.length
  }
}
