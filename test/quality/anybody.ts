import { array, constantFrom, oneof, option, record, string } from 'fast-check'
import { unicodeText } from '../support/unicode-text.ts'
import { contact, OTHER_STUDENT, STUDENT } from './people.ts'

/** Any string that JSON may hold, halves of surrogate pairs included, and what districts are fond of. */
export const anyText = oneof(
  unicodeText(),
  array(constantFrom(...'\ud800\udfff\0\u00a0\u200b\u202e\u0301ß İΣς@.,;<>x#+-()0123456789aE'), {
    maxLength: 30,
  }).map((parts) => parts.join('')),
  string({ unit: 'grapheme' }),
)

/** What looks like a number in one country or another. */
export const anyNumber = oneof(
  array(constantFrom(...'00112233445566778899', ' ', '-', '(', ')', '+', ' x', ' or '), {
    minLength: 7,
    maxLength: 16,
  }).map((parts) => parts.join('')),
  constantFrom(
    '330-280-1898',
    '+1 330 280 1898',
    '330-280-1898 or 330-280-1899',
    '+52 55 1234 5678',
    '555-0100',
  ),
)

/** Alike often enough to be taken for one another. */
const perhaps = (...words: readonly string[]) =>
  option(oneof({ arbitrary: constantFrom(...words), weight: 3 }, { arbitrary: anyText, weight: 1 }), {
    nil: undefined,
  })

const anyEntry = record({
  student: constantFrom<string>(STUDENT, OTHER_STUDENT),
  relationship: perhaps('Parent', 'Mother', 'Guardian', 'Grandparent', 'Stepfather', 'Other'),
  type: perhaps('Parent/Guardian', 'Primary', 'Mother', 'Emergency contact'),
})

export const anyContact = record({
  first: option(anyText, { nil: undefined, freq: 1 }),
  last: perhaps(
    'Aaron Collins',
    'COLLINS, AARON',
    'Aaron Colins',
    'Aaron James Collins',
    'Beth Collins',
    'Mom',
  ),
  email: perhaps('Collins@example.org', 'aaron@example.org'),
  phone: perhaps('330-280-1898', '1-(330) 280-1898', '330-280-1899'),
  phoneType: perhaps('Cell', 'Home'),
  sisId: perhaps('S-1', 's-1', 'S-2'),
  entries: array(anyEntry, { maxLength: 5 }),
}).map(contact)
