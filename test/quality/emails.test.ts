import { describe, expect, it } from 'vitest'
import { readEmail } from '../../src/quality/emails.ts'

describe('an e-mail', () => {
  it.each([
    ['is the same in any case', 'Aaron.Collins@Example.ORG', 'aaron.collins@example.org'],
    ['is without the space around it', '\u00a0aaron@example.org \n', 'aaron@example.org'],
    ['is without what cannot be seen', 'aaron\u200b@example.org', 'aaron@example.org'],
    [
      'keeps its dots and its tag, whoever the provider',
      'A.Aron+School@gmail.com',
      'a.aron+school@gmail.com',
    ],
    ['is taken out of a link', 'mailto:Aaron@example.org?subject=Hello', 'aaron@example.org'],
    ['is taken from beside a name', '"Collins, Aaron" <aaron@example.org>', 'aaron@example.org'],
    ['is taken out of brackets', '<aaron@example.org>', 'aaron@example.org'],
    ['loses the separator after it', 'aaron@example.org;', 'aaron@example.org'],
    ['is taken out of a link in brackets', 'A <mailto:aaron@example.org>', 'aaron@example.org'],
    ['loses separators with spaces between them', 'aaron@example.org; ;', 'aaron@example.org'],
    ['may be at a domain that ends with a digit first', 'a@example.3d', 'a@example.3d'],
    ['may be at a domain with digits', 'a@school2.example3.k12', 'a@school2.example3.k12'],
    ['may have letters of any language', 'josé@münchen.example', 'josé@münchen.example'],
    ['may have an encoded domain, which stays so', 'a@xn--mnchen-3ya.example', 'a@xn--mnchen-3ya.example'],
    ['may have an apostrophe', "pat.o'brien@example.org", "pat.o'brien@example.org"],
    [
      'may be as long as mail allows',
      `${'a'.repeat(64)}@${'b'.repeat(63)}.org`,
      `${'a'.repeat(64)}@${'b'.repeat(63)}.org`,
    ],
  ])('%s', (_, raw, address) => {
    expect(readEmail(raw)).toEqual({ raw, address, isValid: true })
  })

  it.each([
    ['when there is none', undefined],
    ['when it is empty', ' '],
    ['without an @, as one of Clever’s own sandbox', 'seth_schoen.example.org'],
    ['when there are two, of which one would be a guess', 'a@example.org; b@example.org'],
    ['when there are two with names', 'A <a@example.org>, B <b@example.org>'],
    ['with two @', 'a@b@example.org'],
    ['without its local part or its domain', '@'],
    ['with an @ at its end', 'a@example.org@'],
    ['with a link that is not at the beginning', 'see mailto:a@example.org'],
    ['with a space inside', 'a b@example.org'],
    ['in a quotation', '"a b"@example.org'],
    ['without a mailbox', '@example.org'],
    ['without a domain', 'a@'],
    ['at a domain of one word', 'a@localhost'],
    ['at a domain that ends with a number', 'a@example.12'],
    ['at a number', 'a@127.0.0.1'],
    ['at an address in brackets', 'a@[127.0.0.1]'],
    ['with two dots in a row', 'a..b@example.org'],
    ['with a dot before the @', 'a.@example.org'],
    ['at a domain that begins with a dot', 'a@.example.org'],
    ['at a domain that ends with a dot', 'a@example.org.'],
    ['at a label that begins with a dash', 'a@-example.org'],
    ['at a label that ends with a dash', 'a@example-.org'],
    ['at a label with an underscore', 'a@exam_ple.org'],
    ['with a mailbox that is too long', `${'a'.repeat(65)}@example.org`],
    ['with a label that is too long', `a@${'b'.repeat(64)}.org`],
    ['that is too long', `a@${`${'b'.repeat(60)}.`.repeat(5)}org`],
  ])('is not valid %s', (_, raw) => {
    expect(readEmail(raw)).toEqual({ raw, address: undefined, isValid: false })
  })
})
