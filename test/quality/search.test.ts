import { assert as check, constantFrom, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { displayName, foldForSearch } from '../../src/quality/names.ts'
import { digitsOf, readPhone } from '../../src/quality/phones.ts'
import { findsContact, findsStudent, readSearch } from '../../src/quality/search.ts'
import { student } from './any-student.ts'
import { anyContact, anyNumber, anyText } from './anybody.ts'
import { contact, type Person } from './people.ts'

function finds(text: string, person: Person): boolean {
  const search = readSearch(text, 'US') ?? expect.unreachable()
  return findsContact(search, contact(person))
}

describe('a search by name', () => {
  it.each([
    ['Collins', 'Aaron Collins'],
    ['aar', 'Aaron Collins'],
    ['coll aar', 'Aaron Collins'],
    ['COLLINS, AARON', 'Aaron Collins'],
    ['jose munoz', 'José Muñoz'],
    ['José', 'JOSE'],
    ['strasse', 'Ann Straße'],
    ['obrien', "Mary O'Brien"],
    ["O'Brien", 'Mary OBrien'],
    ['o’brien', "Mary O'Brien"],
    ['mary ann', 'Maryann Smith-Jones'],
    ['smith jones', 'Maryann Smith-Jones'],
    ['smithjones', 'Maryann Smith-Jones'],
    ['Smith-Jones', 'Maryann Smithjones'],
    ['J.R.R.', 'JRR Tolkien'],
    ['jrr', 'J.R.R. Tolkien'],
    ['tolkien j.r.', 'JRR Tolkien'],
    ['7', 'Room 7'],
    ['delacruz', 'Ana De La Cruz'],
    ['mcdonald', 'Ann Mc Donald'],
    ['jrr', 'J. R. R. Tolkien'],
    ['annmarie', 'Ann-Marie Lee'],
    ['robert s', 'Robert S'],
    ['vanderberg', 'Jan van der Berg'],
  ])('%s finds %s', (text, last) => {
    expect(finds(text, { last })).toBe(true)
  })

  it.each([
    ['ollins', 'Aaron Collins'],
    ['aaron beth', 'Aaron Collins'],
    ['collinsaaron', 'Aaron Collins'],
    ['aaronn', 'Aaron Collins'],
    ['ann', 'Joann Smith'],
    ['Roberts', 'Robert S'],
    ['Roberts', 'Robert Smith'],
    ['Danas', 'Dana S. Hill'],
    ['aaroncollins', 'Aaron Collins'],
  ])('%s does not find %s', (text, last) => {
    expect(finds(text, { last })).toBe(false)
  })

  it('finds a student by the parts of the name, and by the e-mail', () => {
    const naomi = student({ first: 'Naomi', middle: 'H', last: 'Whitfield', email: 'naomi.w@example.org' })
    const isFound = (text: string) => findsStudent(readSearch(text, 'US') ?? expect.unreachable(), naomi)
    expect(['whit nao', 'naomi h', 'NAOMI.W@', 'naomi w'].map(isFound)).toEqual([true, true, true, true])
    expect(['theo', 'whitfield theo', 'example'].map(isFound)).toEqual([false, false, false])
  })
})

describe('a search by e-mail', () => {
  it.each([
    ['aaron.c', 'aaron.collins@example.org'],
    ['AARON.COLLINS@EXAMPLE.ORG', 'aaron.collins@example.org'],
    ['aaron.collins@example', 'Aaron.Collins@Example.org'],
    ['aaron@example.org', 'Aaron Collins <aaron@example.org>'],
    ['aaron@example.org', 'mailto:aaron@example.org'],
    ['Aaron Collins <aaron@example.org>', 'Aaron Collins <aaron@example.org>'],
    ['none at', 'none at all'],
    ['aaroncollins', 'aaron.collins@example.org'],
    ['aaron-c', 'aaron_collins@example.org'],
    ['aaron.collins', 'aaroncollins@example.org'],
    ['aaron.c', 'b@example.org; Aaron <aaron.c@example.org>'],
    ['aaron', 'b@example.org, aaron@example.org'],
    ['josé@example.org', 'jose@example.org'],
  ])('%s finds %s', (text, email) => {
    expect(finds(text, { email })).toBe(true)
  })

  it.each([
    ['example.org', 'aaron@example.org'],
    ['aaron@example.com', 'aaron@example.org'],
  ])('%s does not find %s', (text, email) => {
    expect(finds(text, { email })).toBe(false)
  })
})

describe('a search by phone', () => {
  it.each([
    ['330-280-1898', '330-280-1898'],
    ['3302801898', '(330) 280-1898'],
    ['+1 330 280 1898', '330-280-1898'],
    ['1 (330) 280-1898', '330.280.1898'],
    ['330 280', '+1 (330) 280-1898'],
    ['(330)', '+13302801898'],
    ['+1330', '330-280-1898'],
    ['330', '330-280-1898 x12'],
    ['330-280-1898 x12', '330-280-1898 ext. 12'],
    ['cell 330-280-1898', '330-280-1898'],
    ['330–280–1898', '330-280-1898'],
    ['55 1234', '+52 55 1234 5678'],
    ['+52 55', '+52 55 1234 5678'],
    ['280 1898', '280-1898'],
    ['330-280-1899', '330-280-1898\n330-280-1899'],
    ['3302801899', '3302801898 3302801899'],
    ['330 280 1899', '330-280-1898 ::: 330-280-1899'],
    ['+1 330 280 1899', 'H 330-280-1898 C 330-280-1899'],
    ['1899', '330-280-1898 / 1899'],
    ['614', '330-280-1898 (mother), 614-555-0177 (ask for Ann)'],
  ])('%s finds %s', (text, phone) => {
    expect(finds(text, { phone })).toBe(true)
  })

  it.each([
    ['33', '330-280-1898'],
    ['280-1898', '330-280-1898'],
    ['330-280-1899', '330-280-1898'],
    ['330th', '330-280-1898'],
  ])('%s does not find %s', (text, phone) => {
    expect(finds(text, { phone })).toBe(false)
  })

  it('takes numbers without a country for those of the one that was set', () => {
    const search = readSearch('+44 20 7946', 'GB') ?? expect.unreachable()
    expect(search.hasPhone('020 7946 0018')).toBe(true)
    const within = readSearch('020 79', 'GB') ?? expect.unreachable()
    expect(within.hasPhone('+44 20 7946 0018')).toBe(true)
  })
})

describe('what there is nothing to find by', () => {
  it.each(['', ' ', '-', '...', "'", '\u200b', '🙂', '@'])('%j is no search', (text) => {
    expect(readSearch(text, 'US')).toBeUndefined()
  })
})

describe('whatever is typed', () => {
  it('has an outcome for everybody', () => {
    check(
      property(anyText, anyContact, (text, one) => {
        const search = readSearch(text, 'US')
        if (search !== undefined) expect(findsContact(search, one)).toBeTypeOf('boolean')
      }),
    )
  })

  it('is found, if it is how a person is shown', () => {
    check(
      property(anyContact, (one) => {
        const search = readSearch(displayName(one.name) ?? '', 'US')
        if (search !== undefined) expect(search.hasName(one.name)).toBe(true)
      }),
    )
  })

  it('is found, if it is how the e-mail is written', () => {
    check(
      property(anyText, (email) => {
        const search = readSearch(email, 'US')
        if (search !== undefined) expect(search.hasEmail(email)).toBe(true)
      }),
    )
  })

  it('is found, if it is the number, however it is written', () => {
    check(
      property(anyNumber, (phone) => {
        const { e164, national } = readPhone(phone, 'US')
        for (const text of [phone, digitsOf(phone), e164, national]) {
          // A text that cannot be read as a number is a note, and is not searched.
          if (text === undefined || (/\p{L}/u.test(text) && e164 === undefined)) continue
          const search = readSearch(text, 'US')
          if (search === undefined || digitsOf(text).length < 3) continue
          expect(search.hasPhone(phone), text).toBe(true)
        }
      }),
    )
  })

  it('finds the same in another case, with other accents and other punctuation', () => {
    const words = constantFrom(
      'Aaron',
      "O'Brien",
      'José',
      'Smith-Jones',
      'Müller',
      'Łukasz',
      'Straße',
      'J.R.',
    )
    check(
      property(words, words, words, (first, second, typed) => {
        const name = `${first} ${second}`
        const isFound = (text: string) => finds(text, { last: name })
        const same = [
          typed.toUpperCase(),
          typed.toLowerCase(),
          foldForSearch(typed),
          typed.normalize('NFD'),
          typed.replace(/[-'.]/g, ''),
          typed.replace(/[-'.]/g, ' '),
          ` ${typed},`,
        ]
        expect(new Set(same.map(isFound))).toEqual(new Set([isFound(typed)]))
      }),
    )
  })

  it('finds no more for another word, or a longer beginning', () => {
    check(
      property(anyContact, anyText, anyText, (one, text, more) => {
        const [shorter, longer] = [readSearch(text, 'US'), readSearch(`${text} ${more}`, 'US')]
        if (shorter !== undefined && longer?.hasName(one.name)) expect(shorter.hasName(one.name)).toBe(true)
      }),
    )
  })
})
