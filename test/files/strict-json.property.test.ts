import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonTextError, parseStrictJson } from '../../src/files/strict-json.ts'

/** What JSON.parse makes of a text, or that it makes nothing of it. */
function parsed(text: string): unknown {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return 'refused'
  }
}

function read(text: string): unknown {
  try {
    return { value: parseStrictJson(text) }
  } catch (error) {
    expect(error).toBeInstanceOf(JsonTextError)
    return 'refused'
  }
}

/** fast-check writes `__proto__` among its keys, and half surrogate pairs as escapes: both are refused by intent. */
const isPlain = (text: string) => !/__proto__|\\u[dD][89a-fA-F]|\uFFFD|\\u[fF]{3}[dD]/.test(text)

const anyJson = fc.json({ maxDepth: 5 }).filter(isPlain)
const anyJsonText = fc
  .tuple(anyJson, fc.constantFrom(undefined, 1, '\t', '\r\n '))
  .map(([text, indent]) => JSON.stringify(JSON.parse(text), null, indent))
/** Pieces of JSON in any order: most are no JSON. */
const almostJson = fc
  .array(
    fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '"\\n"',
      '"\\x"',
      '"',
      '0',
      '-1.5e3',
      '01',
      '1.',
      '.5',
      '+1',
      'true',
      'null',
      'nul',
      ' ',
      '\n',
      '\u00a0',
      '//',
      "'a'",
      'NaN',
      '\u0000',
      '"\t"',
      '\\',
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''))

describe('the strict reader of JSON', () => {
  it('gives what JSON.parse gives', () => {
    fc.assert(fc.property(anyJsonText, (text) => void expect(read(text)).toEqual(parsed(text))))
  })

  it('refuses what JSON.parse refuses, and keys given twice besides', () => {
    fc.assert(
      fc.property(almostJson, (text) => {
        const isTwice = parsed(text) !== 'refused' && read(text) === 'refused'
        if (isTwice) expect(() => parseStrictJson(text)).toThrow('this key is given twice')
        else expect(read(text)).toEqual(parsed(text))
      }),
      { numRuns: 2_000 },
    )
  })

  it('refuses a valid text whose last characters are missing', () => {
    const object = anyJsonText.filter((text) => /^[{["]/.test(text))
    fc.assert(
      fc.property(object, fc.nat(), (text, cut) => {
        expect(read(text.slice(0, cut % text.length))).toBe('refused')
      }),
    )
  })

  it('refuses an object with one of its keys given once more, at any depth', () => {
    const withKey = fc.tuple(
      fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue(), { minKeys: 1 }),
      fc.nat(3),
    )
    fc.assert(
      fc.property(withKey, ([object, depth]) => {
        const text = JSON.stringify(object)
        const [key = ''] = Object.keys(JSON.parse(text))
        const twice = `${text.slice(0, -1)},${JSON.stringify(key)}:0}`
        expect(read(`${'[{"x":'.repeat(depth)}${twice}${'}]'.repeat(depth)}`)).toBe('refused')
      }),
    )
  })
})
