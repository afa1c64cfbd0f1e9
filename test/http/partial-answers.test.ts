import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CHILD, DISTRICT, MIXED, NEPHEW, NIECE } from '../federation/documented-family.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

/** One query with every kind of place that Clever can fail for. */
const EVERYTHING = `{
  contactsViewer { kind }
  contact(id: "${MIXED}") {
    id displayName
    district { name }
    relationships { studentId student { displayName } privileges }
  }
  student(id: "${CHILD}") {
    id displayName
    school { name }
    schools { name }
    relationships { contactId contact { displayName } }
  }
  districts { id }
  allowed: contactAccess(contactId: "${MIXED}", studentId: "${CHILD}", privilege: PICK_UP) { allowed }
  pair: studentRelationships(contactId: "${MIXED}", studentId: "${NIECE}") { id }
  missing: student(id: "${'0'.repeat(24)}") { id }
  _entities(representations: [
    { __typename: "Student", id: "${NIECE}" }, { __typename: "Student", id: "${NEPHEW}" }, { __typename: "Nothing", id: "1" }
  ]) { ... on Student { id } }
}`

/** The places of an answer that are null, such as `contact.relationships.1.student`. */
function nullsIn(value: unknown, path = ''): readonly string[] {
  if (value === null) return [path.slice(1)]
  if (typeof value !== 'object') return []
  return Object.entries(value as object).flatMap(([key, each]) => nullsIn(each, `${path}.${key}`))
}

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(() => gateway.forget())
afterAll(() => gateway[Symbol.asyncDispose]())

/** Null without any fault: a student that does not exist, and an entity that is none. */
const ALWAYS = ['_entities.2', 'missing']

describe('what fails in an answer is null at its place, and everything else is there', () => {
  it('while nothing fails', async () => {
    const { data, errors } = await gateway.ask(EVERYTHING)
    expect([...nullsIn(data)].sort()).toEqual(ALWAYS)
    expect(errors.map(({ path }) => path?.join('.'))).toEqual(['_entities.2'])
  })

  it.each([
    ['the district', `/districts/${DISTRICT}`, ['contact.district', 'districts.0']],
    ['the schools', '/schools', ['student.school', 'student.schools']],
    ['the contacts of a student', `/users/${CHILD}/mycontacts`, ['student.relationships']],
    ['one student of a contact', `/users/${NEPHEW}`, ['contact.relationships.1.student', '_entities.1']],
    [
      'the contact',
      new RegExp(`/users/(${MIXED}|${CHILD}/mycontacts)$`),
      ['contact', 'allowed', 'pair', 'student.relationships'],
    ],
    ['the student', `/users/${CHILD}`, ['contact.relationships.2.student', 'student']],
  ])('if Clever fails for %s', async (_what, path, expected) => {
    const remove = gateway.sandbox.faults.add({ path, status: 200, body: '{}' })
    const { data, errors } = await gateway.ask(EVERYTHING)
    remove()
    expect([...nullsIn(data)].sort()).toEqual([...ALWAYS, ...expected].sort())
    expect(errors.map(({ path }) => path?.join('.')).sort()).toEqual(['_entities.2', ...expected].sort())
    for (const { path, extensions } of errors)
      expect(extensions.code).toBe(
        path?.join('.') === '_entities.2' ? 'BAD_USER_INPUT' : 'UPSTREAM_INVALID_RESPONSE',
      )
  })
})
