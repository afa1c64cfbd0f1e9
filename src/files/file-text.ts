/** A file that is not in UTF-8: the message says in which encoding it seems to be. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError'
}

/** Longer marks first: that of UTF-32 begins with that of UTF-16. */
const BYTE_ORDER_MARKS: readonly (readonly [string, readonly number[]])[] = [
  ['UTF-32 (little-endian)', [0xff, 0xfe, 0, 0]],
  ['UTF-32 (big-endian)', [0, 0, 0xfe, 0xff]],
  ['UTF-16 (little-endian)', [0xff, 0xfe]],
  ['UTF-16 (big-endian)', [0xfe, 0xff]],
  ['compressed with gzip', [0x1f, 0x8b]],
]

/** JSON begins with two characters of ASCII, so zeros among the first bytes show the encoding (RFC 4627, section 3). */
const ZEROS: readonly (readonly [string, RegExp])[] = [
  ['UTF-32 (little-endian)', /^x000/],
  ['UTF-32 (big-endian)', /^000x/],
  ['UTF-16 (little-endian)', /^x0/],
  ['UTF-16 (big-endian)', /^0x/],
]

/** The text of a file in UTF-8, without its byte-order mark. Throws EncodingError, which quotes nothing. */
export function decodeText(bytes: Buffer): string {
  const wrong = encodingByMark(bytes) ?? encodingByZeros(bytes)
  if (wrong !== undefined) throw refusal(`the file is ${wrong}`)
  if (bytes.includes(0)) throw new EncodingError('the file has NUL bytes and is no text: write it again')
  const text = decodeUtf8(bytes)
  if (hasUtf7(text)) throw refusal('the file is not UTF-8 but seems to be UTF-7')
  return text
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw refusal(describeInvalid(bytes))
  }
}

/** UTF-7 (RFC 2152) is ASCII, with é as `+AOk-`. Only Latin letters distinguish it from the tag of an e-mail. */
function hasUtf7(text: string): boolean {
  return text.matchAll(/\+(A[A-Za-z\d+/]{2,30})-/g).some(([, coded = '']) => {
    const bytes = Buffer.from(coded, 'base64')
    const letters = new TextDecoder('utf-16be').decode(bytes)
    return bytes.length % 2 === 0 && /^[\u00c0-\u024f]+$/.test(letters)
  })
}

function refusal(what: string): EncodingError {
  return new EncodingError(`${what}: save it as UTF-8`)
}

function encodingByMark(bytes: Buffer): string | undefined {
  return BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, index) => bytes[index] === byte))?.[0]
}

function encodingByZeros(bytes: Buffer): string | undefined {
  const shape = [...bytes.subarray(0, 4)].map((byte) => (byte === 0 ? '0' : 'x')).join('')
  return ZEROS.find(([, zeros]) => zeros.test(shape))?.[0]
}

/** Encodings that are not Unicode cannot be distinguished; the usual one is named as a guess. */
function describeInvalid(bytes: Buffer): string {
  const { at, isTruncated } = firstInvalid(bytes)
  const line = bytes
    .subarray(0, at)
    .toString('latin1')
    .split(/\r\n|\n|\r/).length
  if (isTruncated) return `the file ends within a character (line ${line}) and seems to be cut off`
  // UTF-8 writes no surrogates; a few programs do (CESU-8).
  if (bytes[at] === 0xed && ((bytes[at + 1] ?? 0) & 0xe0) === 0xa0)
    return `the file is not UTF-8 but seems to be CESU-8 (line ${line})`
  return `the file is not UTF-8 but seems to be Windows-1252 or another encoding that is not Unicode (line ${line})`
}

/** Finds the first byte that is not UTF-8 by bisection. */
function firstInvalid(bytes: Buffer): { readonly at: number; readonly isTruncated: boolean } {
  let good = 0
  let bad = bytes.length
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2)
    if (isPrefix(bytes.subarray(0, middle))) good = middle
    else bad = middle
  }
  // The decoder waits for the rest of a character that has begun, so that the fault may have begun up to three bytes before.
  const isTruncated = isPrefix(bytes)
  const end = isTruncated ? bytes.length : good
  let at = end
  while (at > 0 && end - at < 3 && !isWhole(bytes.subarray(0, at))) at -= 1
  return { at, isTruncated }
}

function isPrefix(bytes: Buffer): boolean {
  return decodes(bytes, true)
}

function isWhole(bytes: Buffer): boolean {
  return decodes(bytes, false)
}

function decodes(bytes: Buffer, stream: boolean): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream })
    return true
  } catch {
    return false
  }
}
