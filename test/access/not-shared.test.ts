import { describe, expect, it } from 'vitest'
import { guardian, startGateway } from '../support/gateway.ts'

const QUERY = `query ($id: ID!, $other: ID!) {
  student(id: $id) { id }
  contact(id: $other) { displayName email { raw } }
  contacts(first: 50) { totalCount nodes { id } }
}`

describe('a guardian of a student whom the district does not share any more', () => {
  it('sees the same when nothing is known and when all contacts are', async () => {
    await using gateway = await startGateway({ sandbox: { students: 60 } })
    const [district] = gateway.sandbox.districts
    const { pair, others } = findFamily(district ?? expect.unreachable())
    district?.unshareStudent(pair.student)
    const ask = () => gateway.ask(QUERY, { id: pair.student, other: others[0] }, guardian(pair.contact))

    const cold = await ask()
    expect(cold.data.student).toBeNull()
    expect(cold.data.contact).toBeNull()
    await gateway.ask('{ contacts(first: 100) { nodes { id } pageInfo { hasNextPage } } }')
    await gateway.ask('{ contacts(last: 100) { nodes { id } } }')
    const warm = await ask()
    expect([warm.data, warm.errors]).toEqual([cold.data, cold.errors])
  })
})

type District = Awaited<ReturnType<typeof startGateway>>['sandbox']['districts'][number]

/** A parent with all privileges, and the other contacts of the student. */
function findFamily(district: District) {
  for (const contact of district.roster.users('contact')) {
    const entries = contact.roles.contact?.student_relationships ?? []
    const parent = entries.find(
      ({ relationship, type }) => relationship === 'Parent' && type === 'Parent/Guardian',
    )
    const student = parent?.student
    if (student === undefined || !district.students.includes(student)) continue
    const others = district.roster
      .users('contact')
      .filter(
        ({ id, roles }) =>
          id !== contact.id &&
          roles.contact?.student_relationships.some((entry) => entry.student === student),
      )
      .map(({ id }) => id)
    if (entries.every((entry) => entry.student === student) && others.length > 0)
      return { pair: { contact: contact.id, student }, others }
  }
  throw new Error('the sandbox has no such family')
}
