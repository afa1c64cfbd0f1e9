import { ID_LENGTH, parseUserId, type UserId } from '../model/ids.ts'
import { isIsoTime } from './iso-time.ts'

/**
 * The maximum size of one record that the gateway keeps. Clever documents no maximum; a contact with 5,100
 * students has been seen. The rest is truncated and counted, so that no record costs more than one of these
 * sizes.
 */
export const LIMITS = {
  /** Characters (UTF-16 code units) of one text. */
  text: 1_000,
  /** Elements of one list, including unreadable ones. */
  list: 10_000,
  /** Characters of all texts and ids of a record. */
  record: 1_000_000,
} as const

/**
 * The space that one record may still take, and the fields that were truncated. Field names come from this code, never
 * from data.
 */
export class SizeLimit {
  readonly truncatedFields = new Set<string>()
  left: number = LIMITS.record
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * Reads the fields of one JSON object from Clever. A missing field, a field of another type and a blank text count as
 * absent. Nothing throws.
 */
export class Fields {
  readonly #json: Readonly<Record<string, unknown>>
  readonly #sizeLimit: SizeLimit

  private constructor(json: Readonly<Record<string, unknown>>, sizeLimit: SizeLimit) {
    this.#json = json
    this.#sizeLimit = sizeLimit
  }

  /** Undefined for a value that is not an object. */
  static of(json: unknown, sizeLimit: SizeLimit): Fields | undefined {
    const isObject = typeof json === 'object' && json !== null && !Array.isArray(json)
    return isObject ? new Fields(json as Readonly<Record<string, unknown>>, sizeLimit) : undefined
  }

  object(name: string): Fields | undefined {
    return Fields.of(this.#json[name], this.#sizeLimit)
  }

  /** Well-formed Unicode of at most LIMITS.text characters; otherwise as the district wrote it. */
  text(name: string): string | undefined {
    const written = textOf(this.#json[name])
    if (written === undefined) return undefined
    const text = this.#fitted(written, name)
    this.#sizeLimit.left -= text.length
    return text === '' ? undefined : text
  }

  /** ISO 8601, as Clever wrote it. */
  time(name: string): string | undefined {
    const value = this.#json[name]
    return typeof value === 'string' && isIsoTime(value) ? value : undefined
  }

  id(name: string): UserId | undefined {
    return idOf(this.#json[name])
  }

  /** The readable elements, in order. */
  list<Element>(name: string, read: (element: Fields) => Element | undefined): readonly Element[] {
    return this.#elements(name, (element) => {
      const fields = Fields.of(element, this.#sizeLimit)
      return fields && read(fields)
    })
  }

  ids(name: string): readonly UserId[] {
    return this.#elements(name, idOf)
  }

  #fitted(text: string, name: string): string {
    const [isLong, hasRoom] = [text.length > LIMITS.text, this.#sizeLimit.left > 0]
    if (isLong || !hasRoom) this.#sizeLimit.truncatedFields.add(isLong ? name : 'record')
    if (!hasRoom) return ''
    return isLong ? cut(text) : text.toWellFormed()
  }

  #elements<Element>(name: string, read: (element: unknown) => Element | undefined): readonly Element[] {
    const list = this.#json[name]
    if (!Array.isArray(list)) return []
    if (list.length > LIMITS.list) this.#sizeLimit.truncatedFields.add(name)
    const elements: Element[] = []
    for (const each of list.slice(0, LIMITS.list)) {
      if (this.#sizeLimit.left <= 0) {
        this.#sizeLimit.truncatedFields.add('record')
        break
      }
      this.#sizeLimit.left -= ID_LENGTH
      const element = read(each)
      if (element !== undefined) elements.push(element)
    }
    return elements
  }
}

function idOf(value: unknown): UserId | undefined {
  return typeof value === 'string' ? parseUserId(value) : undefined
}

/** Undefined for a blank text, and for a value that is neither text nor an exact number. */
function textOf(value: unknown): string | undefined {
  const text = typeof value === 'number' ? textOfNumber(value) : value
  return typeof text === 'string' && /\S/.test(text) ? text : undefined
}

/**
 * A number in place of a text, such as a phone or an id from a spreadsheet, in plain digits. Undefined for a
 * number that JSON may have rounded, because two ids might become equal, and for one that needs an exponent.
 */
function textOfNumber(number: number): string | undefined {
  const digits = String(number)
  if (Number.isInteger(number)) return Number.isSafeInteger(number) ? digits : undefined
  return /^-?\d+\.\d+$/.test(digits) && digits.length <= EXACT_DECIMAL ? digits : undefined
}

/** Characters. A double keeps 15 significant digits; the point makes 16. */
const EXACT_DECIMAL = 16

/** Characters. A longer grapheme, such as a letter under a hundred marks, is truncated like any text. */
const MAX_GRAPHEME_LENGTH = 32

/** The beginning of a long text, without white space before it, up to the end of a grapheme. */
function cut(text: string): string {
  const beginning = text
    .trimStart()
    .slice(0, LIMITS.text + MAX_GRAPHEME_LENGTH)
    .toWellFormed()
  if (beginning.length <= LIMITS.text) return beginning
  const { index = LIMITS.text } = graphemes.segment(beginning).containing(LIMITS.text) ?? {}
  const end = LIMITS.text - index < MAX_GRAPHEME_LENGTH ? index : LIMITS.text
  return beginning.slice(0, end).toWellFormed()
}
