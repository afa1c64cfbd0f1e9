import { integer, string } from 'fast-check'

const MAX_CODE_POINT = 0x10ffff
const [FIRST_SURROGATE, SURROGATES] = [0xd800, 0x800]

/** Any character but half of a pair. */
const character = integer({ min: 0, max: MAX_CODE_POINT - SURROGATES }).map(
  (index) => String.fromCodePoint(index < FIRST_SURROGATE ? index : index + SURROGATES),
  (value) => {
    const code = typeof value === 'string' && value.isWellFormed() ? value.codePointAt(0) : undefined
    if (code === undefined || value !== String.fromCodePoint(code)) throw new TypeError('not one character')
    return code < FIRST_SURROGATE ? code : code - SURROGATES
  },
)

/**
 * The same texts as those of fast-check's unit `binary`. That one makes a table of all 1.1 million characters when it
 * is first used: 2 s of processor time in each worker.
 */
export function unicodeText(constraints: { minLength?: number; maxLength?: number } = {}) {
  return string({ ...constraints, unit: character })
}
