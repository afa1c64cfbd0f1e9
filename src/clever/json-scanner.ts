import { ByteWords } from './byte-words.ts'

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
const NULL = new ByteWords(['null'])
const MAX_DEPTH = 100

/** What is neither a string, an object nor a list. Longer numbers are left to a whole parser. */
const SCALAR = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)$/
const SCALAR_BYTES = new Set(Buffer.from('truefalsn0123456789+-.E', 'latin1'))
const MAX_SCALAR = 50
const ESCAPE = /^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/
const MAX_ESCAPE = 6

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
    if (NULL.find(this.bytes, this.at, this.at + 'null'.length) < 0) return false
    this.at += 'null'.length
    return true
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
    } else if (!this.takeNull()) this.#skipScalar()
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
      const [escaped] = ESCAPE.exec(this.ascii(this.at, this.at + MAX_ESCAPE)) ?? []
      if (escaped === undefined) throw NOT_PLAIN
      this.at += escaped.length
      this.#toEndOfString()
    }
    this.#leaveString()
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

  #skipScalar() {
    const start = this.at
    while (SCALAR_BYTES.has(this.bytes[this.at] ?? 0)) this.at += 1
    const isShort = this.at - start <= MAX_SCALAR
    if (!isShort || !SCALAR.test(this.ascii(start, this.at))) throw NOT_PLAIN
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
