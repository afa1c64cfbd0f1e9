import { describe, expect, it } from 'vitest'
import { parseUser } from '../../src/clever/records.ts'
import { entriesOf, findFamily } from '../scenarios/families.ts'
import { type Claims, guardian, startGateway, type TestGateway } from '../support/gateway.ts'
import { startReadPath } from '../support/read-path.ts'
import { user } from './people.ts'

const CONTACT =
  'id displayName name { last } email { raw } phone { raw } sisId identity { isStable } lastModifiedAt dataWarnings { code }'
const QUERY = `query ($contact: ID!, $student: ID!) {
  contact(id: $contact) { ${CONTACT} relationships { id relationship privileges student { id displayName relationships { id contact { ${CONTACT} relationships { studentId } } } } } }
  student(id: $student) { id displayName relationships { id relationship contact { ${CONTACT} relationships { studentId student { id } } } } }
  contacts(first: 100) { nodes { ${CONTACT} relationships { studentId student { id displayName } } } }
  students(first: 100) { nodes { id displayName relationships { contactId contact { displayName phone { raw } relationships { studentId } } } } }
}`
const SERVICE = (scope: string): Claims => ({
  clever_kind: 'service',
  sub: scope,
  scope,
  clever_district_ids: '*',
})

/** The people who ask, and what they ask about. */
function castOf({ sandbox }: TestGateway) {
  const district = sandbox.districts[0] ?? expect.unreachable()
  const { student, contact, other } = findFamily(district)
  const person = (kind: string, id: string | undefined): Claims => ({
    clever_kind: kind,
    clever_user_id: id ?? expect.unreachable(),
    clever_district_ids: [district.id],
  })
  return {
    variables: { contact: contact.id, student },
    viewers: {
      'a service': SERVICE('students:read contacts:read'),
      'a service with contacts:read alone': SERVICE('contacts:read'),
      'a service with students:read alone': SERVICE('students:read'),
      'the parent': guardian(contact.id),
      'another contact of the student': guardian(other.id),
      'a teacher': person('teacher', district.roster.teachersOf(student)[0]?.id),
      'the student': person('student', student),
    } satisfies Readonly<Record<string, Claims>>,
  }
}

describe('a viewer', () => {
  it('gets the same answer whatever others have asked before', async () => {
    const options = { sandbox: { students: 60 } }
    await using shared = await startGateway(options)
    const { variables, viewers } = castOf(shared)
    const inTurn = Object.entries(viewers)
    for (const [, claims] of [...inTurn, ...inTurn.toReversed()]) await shared.ask(QUERY, variables, claims)
    for (const [who, claims] of inTurn) {
      await using alone = await startGateway(options)
      const { data, errors } = await alone.ask(QUERY, variables, claims)
      const after = await shared.ask(QUERY, variables, claims)
      expect({ who, data: after.data, errors: after.errors }).toEqual({ who, data, errors })
    }
  })
})

describe('a record that changes', () => {
  it('is shown as it is now, on each way to it', async () => {
    await using path = await startReadPath({ sandbox: { students: 60 } })
    const { district } = path
    const { contact } = findFamily(district)
    const [{ student: studentId } = expect.unreachable()] = entriesOf(contact)
    const query = `{
      contact(id: "${contact.id}") { displayName relationships { studentId student { displayName } } }
      student(id: "${studentId}") { displayName relationships { contactId contact { displayName } } }
      contacts(first: 100) { nodes { id displayName relationships { studentId student { displayName } } } }
    }`
    const names = async () => {
      const { data, errors } = await path.ask(query)
      expect(errors).toEqual([])
      const row = data.contacts.nodes.find(({ id }: { id: string }) => id === contact.id)
      const toStudent = (each: { studentId: string }) => each.studentId === studentId
      return {
        contacts: [
          data.contact.displayName,
          row.displayName,
          data.student.relationships.find((each: { contactId: string }) => each.contactId === contact.id)
            .contact.displayName,
        ],
        students: [
          data.student.displayName,
          data.contact.relationships.find(toStudent).student.displayName,
          row.relationships.find(toStudent).student.displayName,
        ],
      }
    }
    const rename = (id: string, name: object) => {
      const json = { ...district.roster.user(id), name }
      const store = path.districts.all()[0]?.store ?? expect.unreachable()
      store.putUser(user(id), parseUser(json, store.districtId), Date.now())
    }
    const before = await names()
    expect(await names()).toEqual(before)
    rename(studentId, { first: 'Zoe', last: 'Newname' })
    expect(await names()).toEqual({ ...before, students: Array(3).fill('Zoe Newname') })
    rename(contact.id, { first: '', last: 'Ann Other' })
    expect(await names()).toEqual({
      contacts: Array(3).fill('Ann Other'),
      students: Array(3).fill('Zoe Newname'),
    })
  })
})
