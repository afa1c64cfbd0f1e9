/** Why a text is refused as JSON. `path` names the value, `line` and `column` begin at 1. */
export class JsonTextError extends Error {
  override readonly name = 'JsonTextError'
  readonly reason: 'NOT_JSON' | 'DUPLICATE_KEY' | 'TEXT_LOST'
  readonly path: readonly (string | number)[]
  readonly line: number
  readonly column: number
  constructor(reason: JsonTextError['reason'], message: string, place: Place) {
    super(message)
    this.reason = reason
    this.path = place.path
    this.line = place.line
    this.column = place.column
  }
}

interface Place {
  readonly path: readonly (string | number)[]
  readonly line: number
  readonly column: number
}

const MAX_DEPTH = 64
const SPACE = /[ \t\n\r]*/y
const LITERAL = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

/**
 * The value of a JSON text, as JSON.parse gives it. Throws JsonTextError, which quotes nothing but the path,
 * for a text that is not JSON, and for text that JSON.parse accepts silently: a duplicate key, the key
 * `__proto__`, half of a surrogate pair, the replacement character of a failed conversion, and more than 64
 * levels.
 */
export function parseStrictJson(text: string): unknown {
  return new Parser(text).document()
}

class Parser {
  readonly #text: string
  readonly #path: (string | number)[] = []
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  document(): unknown {
    const value = this.#value()
    this.#skipSpace()
    if (this.#at < this.#text.length) throw this.#error('the JSON value ends here, but the file goes on')
    return value
  }

  #value(): unknown {
    this.#skipSpace()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#nested(() => this.#object())
      case '[':
        return this.#nested(() => this.#array())
      case '"':
        return this.#string()
      default:
        return this.#literal()
    }
  }

  #nested<Value>(read: () => Value): Value {
    if (this.#path.length >= MAX_DEPTH) throw this.#error(`more than ${MAX_DEPTH} levels are nested`)
    return read()
  }

  #object(): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    this.#at += 1
    if (this.#takes('}')) return object
    do {
      const startsAt = this.#skipSpace()
      if (this.#text[startsAt] !== '"') throw this.#error('a key in double quotes is expected')
      const key = this.#string()
      this.#path.push(key)
      this.#checkKey(object, key, startsAt)
      if (!this.#takes(':')) throw this.#error('a colon is expected')
      object[key] = this.#value()
      this.#path.pop()
    } while (this.#takes(','))
    if (!this.#takes('}')) throw this.#error('a comma or } is expected')
    return object
  }

  #checkKey(object: object, key: string, startsAt: number) {
    if (Object.hasOwn(object, key))
      throw this.#error('this key is given twice in one object: keep one', 'DUPLICATE_KEY', startsAt)
    // It would set the prototype of the object instead of a field.
    if (key === '__proto__') throw this.#error('the key __proto__ is not allowed', 'NOT_JSON', startsAt)
  }

  #array(): unknown[] {
    const array: unknown[] = []
    this.#at += 1
    if (this.#takes(']')) return array
    do {
      this.#path.push(array.length)
      array.push(this.#value())
      this.#path.pop()
    } while (this.#takes(','))
    if (!this.#takes(']')) throw this.#error('a comma or ] is expected')
    return array
  }

  #string(): string {
    const startsAt = this.#at
    let end = startsAt + 1
    while (end < this.#text.length && this.#text[end] !== '"') end += this.#text[end] === '\\' ? 2 : 1
    if (end >= this.#text.length) {
      this.#at = this.#text.length
      throw this.#error('a text is expected to end')
    }
    this.#at = end + 1
    const value = unquoted(this.#text.slice(startsAt, this.#at))
    if (value === undefined)
      throw this.#error(
        'a text has a line break, a control character or an unknown escape',
        'NOT_JSON',
        startsAt,
      )
    if (!value.isWellFormed())
      throw this.#error(
        'a text has half of a surrogate pair: write the whole character',
        'TEXT_LOST',
        startsAt,
      )
    if (value.includes('\uFFFD'))
      throw this.#error(
        'a text has U+FFFD, by which a program replaced a character that it could not read: write the character',
        'TEXT_LOST',
        startsAt,
      )
    return value
  }

  #literal(): unknown {
    LITERAL.lastIndex = this.#at
    const [literal] = LITERAL.exec(this.#text) ?? []
    if (literal === undefined) throw this.#error('a value is expected')
    this.#at += literal.length
    return JSON.parse(literal)
  }

  #takes(character: string): boolean {
    const isNext = this.#text[this.#skipSpace()] === character
    if (isNext) this.#at += 1
    return isNext
  }

  #skipSpace(): number {
    SPACE.lastIndex = this.#at
    SPACE.test(this.#text)
    this.#at = SPACE.lastIndex
    return this.#at
  }

  #error(message: string, reason: JsonTextError['reason'] = 'NOT_JSON', at = this.#at): JsonTextError {
    const isTruncated = reason === 'NOT_JSON' && at >= this.#text.length
    const lines = this.#text.slice(0, at).split(/\r\n|\n|\r/)
    return new JsonTextError(reason, isTruncated ? `the file ends too early: ${message}` : message, {
      path: [...this.#path],
      line: lines.length,
      column: (lines.at(-1)?.length ?? 0) + 1,
    })
  }
}

/** Undefined for a text that is not a JSON string. */
function unquoted(quoted: string): string | undefined {
  try {
    return JSON.parse(quoted) as string
  } catch {
    return undefined
  }
}
