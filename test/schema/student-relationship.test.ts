import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createFakeClock } from '../support/fake-clock.ts'
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
  beforeEach(() => gateway.forget())
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

  it('is asked about one student: the entries of that pair and of no other, in one call', async () => {
    const query =
      'query ($contactId: ID!, $studentId: ID!) { studentRelationships(contactId: $contactId, studentId: $studentId) { relationship } }'
    const child = await gateway.ask(query, { contactId: MIXED, studentId: CHILD })
    expect(child.data.studentRelationships).toEqual([{ relationship: 'PARENT' }])
    expect(child.calls).toEqual([`/users/${MIXED}`])
    const niece = await gateway.ask(query, { contactId: MIXED, studentId: NIECE })
    expect(niece.data.studentRelationships).toEqual([{ relationship: 'AUNT_UNCLE' }])
  })

  it('and a stranger have nothing to do with each other; nor has a user who is no contact', async () => {
    const query =
      'query ($contactId: ID!, $studentId: ID!) { studentRelationships(contactId: $contactId, studentId: $studentId) { relationship } }'
    const stranger = gateway.sandbox.districts[0]?.students.find((id) => ![NIECE, NEPHEW, CHILD].includes(id))
    expect(
      (await gateway.ask(query, { contactId: MIXED, studentId: stranger })).data.studentRelationships,
    ).toEqual([])
    expect(
      (await gateway.ask(query, { contactId: NIECE, studentId: NIECE })).data.studentRelationships,
    ).toEqual([])
    expect(
      (await gateway.ask(query, { contactId: '0'.repeat(24), studentId: NIECE })).data.studentRelationships,
    ).toEqual([])
  })

  it('keeps the id of a relationship when another student is added or dropped', async () => {
    await using changing = await startGateway()
    const query = `{ contact(id: "${MIXED}") { relationships { id studentId } } }`
    const before = (await changing.ask(query)).data.contact.relationships
    changing.sandbox.districts[0]?.endRelationship(MIXED, NIECE)
    changing.forget()
    const after = (await changing.ask(query)).data.contact.relationships
    expect(after).toEqual(before.filter(({ studentId }: { studentId: string }) => studentId !== NIECE))
  })
})

describe('a relationship that has ended since it was read', () => {
  const RELATIONSHIPS = `{ contact(id: "${MIXED}") { relationships { studentId privileges } } }`
  const PARENTS = `{ student(id: "${CHILD}") { relationships(privilege: PICK_UP) { contactId } } }`
  const ACCESS = `{ contactAccess(contactId: "${MIXED}", studentId: "${CHILD}", privilege: PICK_UP) { allowed reason } }`

  async function startAndEnd(query: string) {
    const clock = createFakeClock()
    const gateway = await startGateway({ clock })
    const before = await gateway.ask(query)
    gateway.sandbox.districts[0]?.endRelationship(MIXED, CHILD)
    await clock.advance(60_001)
    return { gateway, clock, before, [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose]() }
  }

  it('gives no privileges after a minute, and is gone as soon as the record has been read again', async () => {
    await using ended = await startAndEnd(RELATIONSHIPS)
    const { gateway, clock, before } = ended
    const after = await gateway.ask(RELATIONSHIPS)
    expect(after.errors).toEqual([])
    expect(before.data.contact.relationships[2]).toEqual({
      studentId: CHILD,
      privileges: expect.arrayContaining(['PICK_UP']),
    })
    expect(after.data.contact.relationships).toEqual(before.data.contact.relationships.slice(0, 2))
    expect(after.calls).toEqual([`/users/${MIXED}`])
    await clock.advance(300_000)
    const { data } = await gateway.ask(RELATIONSHIPS)
    expect(data.contact.relationships).toEqual(before.data.contact.relationships.slice(0, 2))
  })

  it('is not among those that give a privilege', async () => {
    await using ended = await startAndEnd(PARENTS)
    const { gateway, before } = ended
    const { data } = await gateway.ask(PARENTS)
    expect(before.data.student.relationships).toContainEqual({ contactId: MIXED })
    expect(data.student.relationships).not.toContainEqual({ contactId: MIXED })
    expect(data.student.relationships).toHaveLength(before.data.student.relationships.length - 1)
  })

  it('opens no door', async () => {
    await using ended = await startAndEnd(ACCESS)
    const { gateway, before } = ended
    expect(before.data.contactAccess).toEqual({ allowed: true, reason: 'RELATIONSHIP' })
    expect((await gateway.ask(ACCESS)).data.contactAccess.allowed).toBe(false)
  })
})

describe('a student', () => {
  it('shows only relationships of the types that are asked for', async () => {
    await using gateway = await startGateway()
    const { data } = await gateway.ask(`{ student(id: "${NIECE}") {
      all: relationships { type } family: relationships(types: FAMILY) { type } two: relationships(types: [FAMILY, PARENT_GUARDIAN]) { type }
      none: relationships(types: []) { type } } }`)
    expect(data.student.family).toEqual([{ type: 'FAMILY' }])
    expect(data.student.all.length).toBeGreaterThan(1)
    expect(data.student.two).toEqual(
      data.student.all.filter(({ type }: { type: string }) => ['FAMILY', 'PARENT_GUARDIAN'].includes(type)),
    )
    expect(data.student.none).toEqual([])
  })

  it('who is not shared is null in a relationship, without error, and her id is still there', async () => {
    await using gateway = await startGateway()
    const district = gateway.sandbox.districts[0] ?? expect.unreachable()
    district.unshareStudent(CHILD)
    const { data, errors } = await gateway.ask(
      `{ contact(id: "${MIXED}") { relationships { studentId student { id } } } student(id: "${CHILD}") { id } }`,
    )
    expect(errors).toEqual([])
    expect(data.contact.relationships[2]).toEqual({ studentId: CHILD, student: null })
    expect(data.student).toBeNull()
  })
})
