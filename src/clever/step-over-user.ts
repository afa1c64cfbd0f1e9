import { ID_LENGTH, type UserId } from '../model/ids.ts'
import { isIdAt } from './id-at.ts'
import { type JsonScanner, NOT_PLAIN } from './json-scanner.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d
/** Bits of a number of V8 without an object. */
const MAX_DEPTH = 30
/** The other bytes of JSON outside of strings. */
const BETWEEN_STRINGS = new Uint8Array(256)
for (const byte of Buffer.from(' \t\r\n:,+-.0123456789eEtrufalsn', 'latin1')) BETWEEN_STRINGS[byte] = 1
const [LETTER_I, LETTER_D] = Buffer.from('id', 'latin1')

/**
 * Steps over a user and returns its id, in 1 µs. Throws NOT_PLAIN for a user without one plain id, and for bytes that end before the
 * user does.
 *
 * This is one loop over the bytes that follows strings and brackets alone, so it is fast soon after the start of the process.
 * It accepts some texts that a JsonScanner refuses, such as 1.2.3. It refuses brackets that do not match, and bytes that JSON has
 * only in strings, which a stray quotation mark exposes. So it does not step over the next user too.
 */
export function stepOverUser(json: JsonScanner): UserId {
  const { bytes } = json
  let at = json.at
  if (bytes[at] !== OPEN_OBJECT) throw NOT_PLAIN
  let depth = 0
  /** A bit for each open bracket, the last one lowest: 1 for a list. */
  let kinds = 0
  let idAt = 0
  do {
    const byte = bytes[at]
    at += 1
    if (byte === QUOTE) {
      const start = at
      let hasEscape = false
      let inside = bytes[at]
      while (inside !== QUOTE) {
        if (inside === undefined) throw NOT_PLAIN
        const isEscape = inside === BACKSLASH
        hasEscape ||= isEscape
        at += isEscape ? 2 : 1
        inside = bytes[at]
      }
      at += 1
      const isId = at - start === 3 && bytes[start] === LETTER_I && bytes[start + 1] === LETTER_D
      if (depth === 1 && (isId || hasEscape) && !followsValue(bytes[at])) {
        // The name of a member: "id", or one with an escape, which may be "id" too.
        if (hasEscape || idAt > 0 || bytes[at] !== COLON) throw NOT_PLAIN
        idAt = at + 2
        at = idAt + ID_LENGTH + 1
        if (bytes[idAt - 1] !== QUOTE || bytes[at - 1] !== QUOTE || !isIdAt(bytes, idAt)) throw NOT_PLAIN
      }
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
      if (depth === MAX_DEPTH) throw NOT_PLAIN
      depth += 1
      kinds = (kinds << 1) | (byte === OPEN_LIST ? 1 : 0)
    } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
      if ((kinds & 1) !== (byte === CLOSE_LIST ? 1 : 0)) throw NOT_PLAIN
      depth -= 1
      kinds >>>= 1
    } else if (byte === undefined || BETWEEN_STRINGS[byte] !== 1) throw NOT_PLAIN
  } while (depth > 0)
  if (idAt === 0) throw NOT_PLAIN
  json.at = at
  return json.ascii(idAt, idAt + ID_LENGTH) as UserId
}

/** Whether a string with this byte behind it is a value, and not the name of a member. */
function followsValue(byte: number | undefined): boolean {
  return byte === COMMA || byte === CLOSE_OBJECT
}
