import { type ByteWords, isAt } from './byte-words.ts'

/** Thrown where the bytes are not JSON, or need a whole JSON parser: a string with an escape, or deep nesting. */
export const NOT_PLAIN = Symbol('not plain JSON')

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
const SPACE = 0x20
const WHITE_SPACE = new Set([SPACE, 0x09, 0x0a, 0x0d])
const NULL = Buffer.from('null', 'latin1')
const TRUE = Buffer.from('true', 'latin1')
const FALSE = Buffer.from('false', 'latin1')
const MAX_DEPTH = 100

const MINUS = 0x2d
const POINT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const EXPONENT = new Set(Buffer.from('eE', 'latin1'))
const SIGN = new Set(Buffer.from('+-', 'latin1'))

/** What may follow a backslash: these, or u and the four digits of a UTF-16 unit. */
const ESCAPED = new Set(Buffer.from('"\\/bfnrt', 'latin1'))
const UNICODE = 0x75
const FOUR_DIGITS = /^[0-9a-fA-F]{4}$/

const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/**
 * Steps over the bytes of JSON without building its values, so it leaves no garbage. It accepts nothing that JSON.parse
 * refuses. All methods may throw NOT_PLAIN.
 *
 *     for (let more = json.open('OBJECT'); more; more = json.next('OBJECT')) {
 *       const place = json.key(WORDS)
 *       …reads or skips one value
 *     }
 */
export class JsonScanner {
  readonly bytes: Buffer
  /** Where the next token begins, or the white space in front of it. */
  at = 0
  /** Where the last string that was read begins and ends, without its quotation marks. */
  start = 0
  end = 0

  constructor(body: ArrayBuffer) {
    this.bytes = Buffer.from(body)
  }

  /** Steps into an object or a list. False, and steps out of it again, if it is empty. */
  open(kind: 'OBJECT' | 'LIST'): boolean {
    this.#take(kind === 'OBJECT' ? OPEN_OBJECT : OPEN_LIST)
    if (this.#peek() !== (kind === 'OBJECT' ? CLOSE_OBJECT : CLOSE_LIST)) return true
    this.at += 1
    return false
  }

  /** Steps to the next element, or out of the object or list. */
  next(kind: 'OBJECT' | 'LIST'): boolean {
    const code = this.#peek()
    this.at += 1
    if (code === COMMA) return true
    if (code !== (kind === 'OBJECT' ? CLOSE_OBJECT : CLOSE_LIST)) throw NOT_PLAIN
    return false
  }

  /** Steps over the name of a member. Returns its place among the names; -1 if it is none of them. */
  key(names: ByteWords): number {
    this.string()
    this.#take(COLON)
    return names.find(this.bytes, this.start, this.end)
  }

  /** Steps over a string without escapes. */
  string() {
    this.#take(QUOTE)
    this.start = this.at
    this.#toEndOfString()
    this.end = this.at
    this.#leaveString()
  }

  /** The text of a part. */
  text(start: number, end: number): string {
    return decoder.decode(this.bytes.subarray(start, end))
  }

  /** The text of a part that is known to be ASCII. */
  ascii(start: number, end: number): string {
    return this.bytes.toString('latin1', start, end)
  }

  /** Steps over null. False, and no step, for any other value. */
  takeNull(): boolean {
    this.#peek()
    return this.#takeWord(NULL)
  }

  /** Steps over any value. */
  skip(depth = 0) {
    if (depth > MAX_DEPTH) throw NOT_PLAIN
    const code = this.#peek()
    if (code === QUOTE) this.#skipString()
    else if (code === OPEN_OBJECT) {
      for (let more = this.open('OBJECT'); more; more = this.next('OBJECT')) {
        this.#skipString()
        this.#take(COLON)
        this.skip(depth + 1)
      }
    } else if (code === OPEN_LIST) {
      for (let more = this.open('LIST'); more; more = this.next('LIST')) this.skip(depth + 1)
    } else if (!this.#takeWord(NULL) && !this.#takeWord(TRUE) && !this.#takeWord(FALSE)) this.#skipNumber()
  }

  /** Steps over any value. Returns its text. */
  skipped(): string {
    const start = this.at
    this.skip()
    return this.text(start, this.at)
  }

  /** Nothing but white space may follow. */
  finish() {
    if (this.#peek() !== undefined) throw NOT_PLAIN
  }

  #skipString() {
    this.#take(QUOTE)
    this.#toEndOfString()
    while (this.bytes[this.at] === BACKSLASH) {
      this.#skipEscape()
      this.#toEndOfString()
    }
    this.#leaveString()
  }

  #skipEscape() {
    const character = this.bytes[this.at + 1] ?? 0
    this.at += 2
    if (ESCAPED.has(character)) return
    if (character !== UNICODE || !FOUR_DIGITS.test(this.ascii(this.at, this.at + 4))) throw NOT_PLAIN
    this.at += 4
  }

  #leaveString() {
    if (this.bytes[this.at] !== QUOTE) throw NOT_PLAIN
    this.at += 1
  }

  /** Steps to the first byte that does not stand for itself. */
  #toEndOfString() {
    const bytes = this.bytes
    let at = this.at
    let byte = bytes[at] ?? 0
    while (byte >= SPACE && byte !== QUOTE && byte !== BACKSLASH) {
      at += 1
      byte = bytes[at] ?? 0
    }
    this.at = at
  }

  #takeWord(word: Uint8Array): boolean {
    if (!isAt(word, this.bytes, this.at)) return false
    this.at += word.length
    return true
  }

  #skipNumber() {
    if (this.bytes[this.at] === MINUS) this.at += 1
    if (this.bytes[this.at] === ZERO) this.at += 1
    else this.#skipDigits()
    if (this.bytes[this.at] === POINT) {
      this.at += 1
      this.#skipDigits()
    }
    if (EXPONENT.has(this.bytes[this.at] ?? 0)) {
      this.at += SIGN.has(this.bytes[this.at + 1] ?? 0) ? 2 : 1
      this.#skipDigits()
    }
  }

  #skipDigits() {
    const start = this.at
    while (isDigit(this.bytes[this.at] ?? 0)) this.at += 1
    if (this.at === start) throw NOT_PLAIN
  }

  #take(wanted: number) {
    if (this.bytes[this.at] !== wanted && this.#peek() !== wanted) throw NOT_PLAIN
    this.at += 1
  }

  /** The first byte of the next token; undefined at the end. */
  #peek(): number | undefined {
    let byte = this.bytes[this.at]
    while (byte !== undefined && byte <= SPACE && WHITE_SPACE.has(byte)) {
      this.at += 1
      byte = this.bytes[this.at]
    }
    return byte
  }
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= NINE
}
