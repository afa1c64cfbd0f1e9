import { describe, expect, it } from 'vitest'
import { displayName, foldForSearch, normalizeText } from '../../src/quality/names.ts'

const name = (last?: string, first?: string, middle?: string) => ({ first, middle, last })

describe('a text as it is seen', () => {
  it.each<[string, string | undefined, string | undefined]>([
    ['is nothing for nothing', undefined, undefined],
    ['is nothing for white space alone', ' \t\n\u00a0\u3000', undefined],
    ['is nothing for what cannot be seen', '\u200b\u200d\ufeff\u2060\u00ad', undefined],
    ['is nothing for control characters alone', '\0\x1b\x7f\x85', undefined],
    ['has no space at its ends', '  Aaron ', 'Aaron'],
    ['has one space for several', 'Aaron  \t Collins', 'Aaron Collins'],
    ['has a plain space for one that does not break', 'Aaron\u00a0Collins', 'Aaron Collins'],
    ['has a space for a control character', 'Aaron\0Collins', 'Aaron Collins'],
    ['does without a space of no width', 'Aar\u200bon', 'Aaron'],
    ['cannot be turned from right to left', '\u202eAaron\u202c', 'Aaron'],
    ['is composed', 'Jose\u0301', 'José'],
    ['is composed also across what cannot be seen', 'Jose\u200b\u0301', 'José'],
    ['keeps its case and its punctuation', "O'BRIEN, Jr.", "O'BRIEN, Jr."],
    ['can be written as UTF-8', 'Aaron\ud800', 'Aaron\ufffd'],
  ])('%s', (_, text, seen) => {
    expect(normalizeText(text)).toBe(seen)
  })
})

describe('the name to show', () => {
  it('is the last name of a contact, which Clever documents to be the whole', () => {
    expect(displayName(name('Aaron Collins'))).toBe('Aaron Collins')
  })

  it('is all the parts that there are', () => {
    expect(displayName(name(' Collins', 'Aaron', 'J.  '))).toBe('Aaron J. Collins')
  })

  it('is left in the order of the district', () => {
    expect(displayName(name('COLLINS,  Aaron'))).toBe('COLLINS, Aaron')
  })

  it('is none without a name', () => {
    expect(displayName(name())).toBeUndefined()
    expect(displayName(name('\u200b', ' '))).toBeUndefined()
  })
})

describe('words to search by', () => {
  it.each([
    ['know no case', 'AARON Collins', 'aaron collins'],
    ['know no accents', 'José Luis García', 'jose luis garcia'],
    [
      'know no letters that have to be looked for',
      'Søren Łukasz Đặng Œ Ħ Ðor Þor',
      'soren lukasz dang oe h dor thor',
    ],
    ['spell out ligatures and sharp s', 'Æsa Weiß WEIẞ ﬁ', 'aesa weiss weiss fi'],
    ['have spaces for punctuation', "O'Brien-Smith, Jr.", 'o brien smith jr'],
    ['have spaces for every kind of apostrophe', 'O’Brien Keali\u02bbi', 'o brien keali i'],
    ['know one sigma', 'Παπαδόπουλος', 'παπαδοπουλοσ'],
    ['keep the vowels of Devanagari', 'दीपिका', 'दीपिका'.normalize('NFKD')],
    ['keep digits', 'Guardian 2', 'guardian 2'],
    ['know one width', 'Ａａｒｏｎ', 'aaron'],
    ['are none for nothing', ' -\u200b', ''],
  ])('%s', (_, text, folded) => {
    expect(foldForSearch(text)).toBe(folded)
  })

  it('are none for no text', () => {
    expect(foldForSearch(undefined)).toBe('')
  })
})
