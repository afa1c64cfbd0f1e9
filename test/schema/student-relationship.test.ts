import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'

/** The example of Clever's documentation: aunt or uncle of two students, parent of a third. */
const MIXED = '63850203bfb8460546071ef6'
const NIECE = '63850203bfb8460546071e62'
const NEPHEW = '672936fc65fc4500ced13260'
const CHILD = '63850203bfb8460546071e6e'

describe('a contact with different relationships to different students', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startGateway()
  })
  afterAll(() => gateway[Symbol.asyncDispose]())

  it('is the parent of one and the aunt or uncle of two, in one call', async () => {
    const { data, errors, calls } = await gateway.ask(
      `query ($id: ID!) { contact(id: $id) { relationships { studentId relationship relationshipRaw type typeRaw } } }`,
      { id: MIXED },
    )
    const uncle = {
      relationship: 'AUNT_UNCLE',
      relationshipRaw: 'Aunt/Uncle',
      type: 'FAMILY',
      typeRaw: 'Family',
    }
    expect(errors).toEqual([])
    expect(data.contact.relationships).toEqual([
      { studentId: NIECE, ...uncle },
      { studentId: NEPHEW, ...uncle },
      {
        studentId: CHILD,
        relationship: 'PARENT',
        relationshipRaw: 'Parent',
        type: 'PARENT_GUARDIAN',
        typeRaw: 'Parent/Guardian',
      },
    ])
    expect(calls).toEqual([`/users/${MIXED}`])
  })

  it.each([
    [NIECE, 'AUNT_UNCLE'],
    [NEPHEW, 'AUNT_UNCLE'],
    [CHILD, 'PARENT'],
  ])('is to student %s, seen from the student, %s and nothing else, in two calls', async (id, expected) => {
    const { data, calls } = await gateway.ask(
      `query ($id: ID!) { student(id: $id) { relationships { studentId relationship contactId contact { id } } } }`,
      { id },
    )
    const { relationships } = data.student
    expect(relationships.every(({ studentId }: { studentId: string }) => studentId === id)).toBe(true)
    expect(relationships.filter(({ contactId }: { contactId: string }) => contactId === MIXED)).toEqual([
      { studentId: id, relationship: expected, contactId: MIXED, contact: { id: MIXED } },
    ])
    expect(calls).toEqual([`/users/${id}`, `/users/${id}/mycontacts`])
  })
})
