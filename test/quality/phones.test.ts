import { describe, expect, it } from 'vitest'
import { digitsOf, readPhone } from '../../src/quality/phones.ts'

const COLLINS = '+13302801898'

describe('a phone', () => {
  it.each([
    ["in the writing of Clever's documentation", '1-(330) 280-1898'],
    ['of ten digits, as Clever asks of SFTP', '3302801898'],
    ['of eleven digits, as Clever asks of SFTP', '13302801898'],
    ['with dashes', '330-280-1898'],
    ['with dots', '330.280.1898'],
    ['with a dash from a word processor', '(330) 280–1898'],
    ['with spaces that do not break', '330\u00a0280\u00a01898'],
    ['with a country code', '+1 330 280 1898'],
    ['as a link', 'tel:+1-330-280-1898'],
    ['in digits of another script', '٣٣٠٢٨٠١٨٩٨'],
    ['with a label before it', 'Cell: 330-280-1898'],
    ['with a label after it', '330-280-1898 (work)'],
    ['before another one', '330-280-1898 or 330-280-1899'],
    ['before another one, with labels', '330-280-1898 c, 330-280-1899 w'],
    ['before the end of another one', '(330) 280-1898 / 1899'],
    ['after one that is incomplete', '555-0100 / 330-280-1898'],
    ['after one whose area code is not in use', '(348) 880-2855 or 330-280-1898'],
    ['with a label in Spanish', 'Celular: 330-280-1898 (casa)'],
    ['before another one, in Spanish', '330-280-1898 y 330-280-1899'],
  ])('%s is read', (_, raw) => {
    expect(readPhone(raw, 'US')).toEqual({
      raw,
      e164: COLLINS,
      national: '(330) 280-1898',
      extension: undefined,
      isValid: true,
    })
  })

  it.each([
    ['a line break', '330-280-1898\n330-280-1899'],
    ['a space', '3302801898 3302801899'],
    ['spaces within both', '330 280 1898 330 280 1899'],
    ['colons', '330-280-1898 ::: 330-280-1899'],
    ['letters', 'H 330-280-1898 C 330-280-1899'],
    ['an extension', '330-280-1898 x12 330-280-1899'],
    ['parentheses', '(330) 280-1898 (330) 280-1899'],
  ])('before another one, with %s between them, is the first', (_, raw) => {
    expect(readPhone(raw, 'US')).toMatchObject({ raw, e164: COLLINS, isValid: true })
  })

  it.each(['3.302801898E9', '3302801898.0', '330280189.0', '3302801898.00'])(
    'from a spreadsheet is not valid and not misread: %s',
    (raw) => {
      expect(readPhone(raw, 'US')).toMatchObject({ e164: undefined, isValid: false })
    },
  )

  it.each([
    ['+52 1 55 1234 5678', '+525512345678'],
    ['+52 55 1234 5678', '+525512345678'],
    ['+52 044 55 1234 5678', '+525512345678'],
    ['cel. 330-280-1898', COLLINS],
    ['Cel 330-280-1898', COLLINS],
  ])('as Mexico writes it: %s', (raw, e164) => {
    expect(readPhone(raw, 'US')).toMatchObject({ e164, isValid: true })
  })

  it.each(['(861) 555-0142', '(624) 555-0142', '(436) 555-0142'])(
    'with an area code in service is valid: %s',
    (raw) => {
      expect(readPhone(raw, 'US').isValid).toBe(true)
    },
  )

  it.each([
    '330-280-1898 ext. 12',
    '330-280-1898x12',
    '330-280-1898 extension 12',
    '330 280 1898 #12',
    '+13302801898;ext=12',
  ])('has its extension beside it: %s', (raw) => {
    expect(readPhone(raw, 'US')).toMatchObject({
      e164: COLLINS,
      national: '(330) 280-1898',
      extension: '12',
    })
  })

  it('whose area code is not in use is read, and is not valid: one of Clever’s own sandbox', () => {
    expect(readPhone('(348) 880-2855', 'US')).toMatchObject({ e164: '+13488802855', isValid: false })
  })

  it('is one of the default country unless it says otherwise', () => {
    expect(readPhone('020 7946 0958', 'GB').e164).toBe('+442079460958')
    expect(readPhone('+44 20 7946 0958', 'US')).toMatchObject({ e164: '+442079460958', isValid: true })
    expect(readPhone('011 52 55 1234 5678', 'US').e164).toBe('+525512345678')
  })

  it('with zeros too many is no number, whatever is left without them', () => {
    expect(readPhone('00790925506', 'BR').e164).toBeUndefined()
  })

  it.each([
    ['nothing', undefined],
    ['an empty text', ''],
    ['a number without its area code', '555-0100'],
    ['two of them', '555-0100 or 555-0101'],
    ["one of them that begins like Canada's", '310-1234'],
    ['what fills a form', '000-000-0000'],
    ['an area code that begins with 1', '123-456-7890'],
    ['digits too many', '330 280 1898 1234'],
    ['zeros too many', '0000 330 280 1898'],
    ['an exchange that begins with 1', '330-180-1898'],
    ['letters for digits', '1-800-FLOWERS'],
    ['a note', 'do NOT call 330-280-1898'],
    ['a note without a label', '330-280-1898 after 5'],
    ['a whole page', `330-280-1898${' or 330-280-1898'.repeat(50)}`],
  ])('is not read from %s', (_, raw) => {
    expect(readPhone(raw, 'US')).toEqual({
      raw,
      e164: undefined,
      national: undefined,
      extension: undefined,
      isValid: false,
    })
  })
})

describe('the digits to search by', () => {
  it.each([
    ['are those that are written', '1-(330) 280-1898', '13302801898'],
    ['are without the extension', '(330) 280-1898 ext. 12', '3302801898'],
    ['are without the extension of a link', 'tel:+13302801898;ext=12', '13302801898'],
    ['are with what follows an x that is no extension', '330-280 x1898, home', '3302801898'],
    ['are without an extension that is not abbreviated with a dot', '(330) 280-1898 ext 12', '3302801898'],
    ['begin with the first number', '330-280-1898 or 330-280-1899', '33028018983302801899'],
    ['may be few', '(33', '33'],
    ['are those of another script, too', '٣٣٠', '330'],
    ['may be none', 'unlisted', ''],
  ])('%s', (_, raw, digits) => {
    expect(digitsOf(raw)).toBe(digits)
  })

  it('are none for no phone', () => {
    expect(digitsOf(undefined)).toBe('')
  })
})
