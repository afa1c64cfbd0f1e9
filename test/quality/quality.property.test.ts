import { assert as check, constantFrom, oneof, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSamePerson } from '../../src/identity/same-contact.ts'
import { RELATIONSHIP_TYPES, RELATIONSHIPS } from '../../src/model/vocabulary.ts'
import { readEmail } from '../../src/quality/emails.ts'
import { identityOf } from '../../src/quality/identity.ts'
import { inferEntry } from '../../src/quality/inference.ts'
import { displayName, foldForSearch, normalizeText } from '../../src/quality/names.ts'
import { digitsOf, readPhone } from '../../src/quality/phones.ts'
import { sisNotesFor } from '../../src/quality/sis-notes.ts'
import { warningsOf } from '../../src/quality/warnings.ts'
import { anyContact, anyNumber, anyText } from './anybody.ts'
import { contact, entry, user } from './people.ts'

const NEW = user('b'.repeat(24))
const countries = constantFrom('US', 'GB', 'MX', 'BR', 'DE', 'IT')

describe('what is address twice is address once', () => {
  it('a text', () => {
    check(property(anyText, (text) => isFixed(normalizeText, text)))
  })

  it('a name to show', () => {
    check(
      property(anyText, anyText, (first, last) => {
        const shown = displayName({ first, middle: undefined, last })
        expect(displayName({ first: undefined, middle: undefined, last: shown })).toBe(shown)
      }),
    )
  })

  it('words to search by', () => {
    check(property(anyText, (text) => isFixed(foldForSearch, text)))
  })

  it('an e-mail', () => {
    check(
      property(anyText, anyText, (local, domain) =>
        isFixed((text) => readEmail(text).address, `${local}@${domain}.org`),
      ),
    )
  })

  it('a phone, and its number says all about it but the extension', () => {
    check(
      property(oneof(anyNumber, anyText), countries, (text, country) => {
        const once = readPhone(text, country)
        if (once.e164 === undefined) return
        const twice = readPhone(once.e164, country)
        expect(twice).toEqual({ ...once, raw: once.e164, extension: undefined })
      }),
    )
  })

  it('digits', () => {
    check(property(anyText, (text) => isFixed(digitsOf, text)))
  })
})

describe('whatever a district writes', () => {
  it('has an outcome', () => {
    check(
      property(anyContact, anyContact, anyText, countries, (one, other, text, defaultCountry) => {
        warningsOf(one, { defaultCountry, isKnownStudent: () => undefined })
        identityOf(one)
        isSamePerson(one, { ...other, id: NEW })
        sisNotesFor(text)
      }),
    )
  })

  it('can be written as UTF-8 once it is address', () => {
    check(property(anyText, (text) => normalizeText(text)?.isWellFormed() ?? true))
  })

  it('is found by a beginning of its words', () => {
    check(
      property(anyText, anyText, (one, other) => {
        expect(foldForSearch(`${one} ${other}`).startsWith(foldForSearch(one))).toBe(true)
      }),
    )
  })

  it('is an address only with one @, and in lower case', () => {
    check(
      property(anyText, anyText, (local, domain) => {
        const { address } = readEmail(`${local}@${domain}.org`)
        if (address === undefined) return
        expect(address.split('@')).toHaveLength(2)
        expect(address).toBe(address.toLowerCase())
        expect(address).not.toMatch(/[\s<>,;:"\p{C}]/u)
      }),
    )
  })
})

describe('what Clever documents', () => {
  const documented = <Word extends string>(words: Readonly<Record<Word, string>>) =>
    constantFrom(...(Object.keys(words) as Word[]))

  it('is never inferred, whatever stands beside it', () => {
    check(
      property(documented(RELATIONSHIPS), anyText, (word, type) => {
        const { relationship } = inferEntry(entry(word, type))
        expect(relationship).toEqual({ value: RELATIONSHIPS[word], isInferred: false })
      }),
    )
    check(
      property(documented(RELATIONSHIP_TYPES), anyText, (word, relationship) => {
        const { type } = inferEntry(entry(relationship, word))
        expect(type).toEqual({ value: RELATIONSHIP_TYPES[word], isInferred: false })
      }),
    )
  })
})

describe('a successor', () => {
  it('is one as much as the other way round', () => {
    check(
      property(anyContact, anyContact, (one, other) => {
        const forNextChange = { ...other, id: NEW }
        expect(isSamePerson(one, forNextChange)).toEqual(isSamePerson(forNextChange, one))
      }),
    )
  })

  it('has a student in common, and evidence besides', () => {
    check(
      property(anyContact, anyContact, (one, other) => {
        const evidence = isSamePerson(one, { ...other, id: NEW })
        if (evidence === undefined) return
        expect(evidence).not.toEqual([])
        const students = new Set(one.relationships.map(({ studentId }) => studentId))
        expect(other.relationships.some(({ studentId }) => students.has(studentId))).toBe(true)
      }),
    )
  })
})

describe('100,000 characters', () => {
  /** Milliseconds for texts that would take minutes if time grew with the square. */
  const ENOUGH = 3_000
  const parts = [
    'a',
    ' ',
    '1',
    '.',
    '@',
    ',',
    'x1',
    '# ',
    '<',
    'a@b.',
    'é',
    '\u0301',
    '\u200b',
    '\ud800',
    '-1',
    'or ',
  ]
  const texts = parts.flatMap((part) => [
    part.repeat(100_000 / part.length),
    `${part.repeat(100_000 / part.length)}!`,
  ])

  it.each<[string, (text: string) => unknown]>([
    ['a text', normalizeText],
    ['words to search by', foldForSearch],
    ['an e-mail', readEmail],
    ['an e-mail in a link', (text) => readEmail(`mailto:${text}`)],
    ['a phone', (text) => readPhone(text, 'US')],
    ['digits', digitsOf],
    ['a relationship', (text) => inferEntry(entry(text, text))],
    ['a way of syncing', sisNotesFor],
    [
      'names that are compared',
      (text) => isSamePerson(contact({ last: `Ann ${text}` }), contact({ id: NEW, last: `Ann b${text}` })),
    ],
  ])('take no longer than they should: %s', (_, read) => {
    const start = performance.now()
    for (const text of texts) read(text)
    expect(performance.now() - start).toBeLessThan(ENOUGH)
  })
})

function isFixed(normalize: (text: string) => string | undefined, text: string): boolean {
  const once = normalize(text)
  return once === undefined || (normalize(once) ?? '') === once
}
