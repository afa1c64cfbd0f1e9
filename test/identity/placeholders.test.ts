import { describe, expect, it } from 'vitest'
import { isSamePerson } from '../../src/identity/same-contact.ts'
import { identityOf } from '../../src/quality/identity.ts'
import { contact, OTHER_STUDENT, type Person, STUDENT } from '../quality/people.ts'

const BOTH = [{ student: STUDENT }, { student: OTHER_STUDENT }]
const PLACEHOLDERS: readonly (readonly [field: 'email' | 'phone' | 'sisId', values: readonly string[]])[] = [
  ['email', ['noemail@noemail.com', 'none@none.com', 'na@na.com', 'test@test.com', 'unknown@unknown.org']],
  [
    'email',
    ['NONE@gmail.com', 'no-reply@school.org', 'n/a@n/a.com', 'x@x.com', 'abc@abc.com', 'a@noemail.invalid'],
  ],
  [
    'email',
    ['none', 'N/A', 'no email', 'unknown', 'declined', '-', 'mailto:none@none.com', 'None <none@none.com>'],
  ],
  ['email', ['none@none.com; na@na.com']],
  ['email', ['#N/A', '#REF!', 'noemail1@school.org', 'donotemail@x.org', 'invalid@invalid.com']],
  [
    'sisId',
    ['#REF!', '#VALUE!', '#DIV/0!', '#NAME?', 'XXXX', 'Not Assigned', 'unassigned', '[object Object]'],
  ],
  [
    'phone',
    ['123-456-7890', '555-555-1234', '000-000-0001', '800-555-0100', '1-800-555-0199', '999-999-9999'],
  ],
  [
    'phone',
    ['330-555-1212', '330-000-0000', '330-555-5555', '012-345-6789', '987-654-3210', '555-1212', 'none'],
  ],
  ['phone', ['+1 (555) 555-5555', '000-000-0000 or 111-111-1111', '\uff10\uff10\uff10-000-0000']],
  [
    'sisId',
    ['0', 'N/A', 'none', '-', '000', 'n.a.', 'NULL', 'unknown', 'TBD', '\u200b0', ' none ', '999999'],
  ],
]
const values = PLACEHOLDERS.flatMap(([field, list]) => list.map((value) => ({ field, value })))

describe('a placeholder', () => {
  it.each(values)('in $field gives no evidence of identity: $value', ({ field, value }) => {
    const one = contact({ id: 'a'.repeat(24), last: 'Mom', [field]: value })
    expect(isSamePerson(one, contact({ id: 'b'.repeat(24), last: 'Mom', [field]: value }))).toBeUndefined()
  })

  it.each(values)('in $field makes a collision possible, and the id unstable: $value', ({ field, value }) => {
    const person = contact({ last: 'Maria Garcia', [field]: value, entries: BOTH })
    expect(identityOf(person)).toMatchObject({ collisionRisk: true, isStable: false })
    const ofOne = contact({ last: 'Maria Garcia', [field]: value })
    expect(identityOf(ofOne)).toMatchObject({ collisionRisk: false, isStable: false })
  })
})

describe('a value of a person', () => {
  it.each<Person>([
    { email: 'test@testing-family.org' },
    { email: 'nona@example.org' },
    { email: 'na@kim-family.org' },
    { email: 'lee@lee.com' },
    { email: 'john@test.com' },
    { email: 'x.ambros@example.org' },
    { email: 'none.smith@example.org' },
    { email: 'a@example.org' },
    { phone: '330-555-0142' },
    { phone: '(614) 555-0177' },
    { phone: '330-222-2222' },
    { phone: '330-180-1898' },
    { phone: '800-280-1898' },
    { phone: '280-1898' },
    { sisId: '1' },
    { sisId: '100' },
    { sisId: 'NA1001' },
    { sisId: '9999' },
  ])('is no placeholder: %o', (value) => {
    const person = contact({ last: 'Maria Garcia', ...value, entries: BOTH })
    expect(identityOf(person).collisionRisk).toBe(false)
  })
})
