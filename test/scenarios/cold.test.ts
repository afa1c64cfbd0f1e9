import { describe, expect, it } from 'vitest'
import { startGateway } from '../support/gateway.ts'

const SETTINGS = { sandbox: { students: 3_000, contacts: 6_000 }, warm: 'off' } as const
const COUNTS = /\/users\?role=(\w+)&count=true/

describe('a district of which nothing is known', () => {
  it('counts both roles at once for many students, so that their contacts do not wait for a count', async () => {
    await using gateway = await startGateway(SETTINGS)
    const students = gateway.sandbox.districts[0]?.students.filter((_, n) => n % 30 === 0) ?? []
    expect(students).toHaveLength(100)
    const query = `query ($keys: [_Any!]!) {
      _entities(representations: $keys) { ... on Student { id relationships { contact { id } } } }
    }`
    const keys = students.map((id) => ({ __typename: 'Student', id }))
    const { data, errors, calls } = await gateway.ask(query, { keys })
    expect(errors).toEqual([])
    expect(data._entities.map(({ id }: { id: string }) => id)).toEqual(students)
    expect(calls.slice(0, 2).map((call) => COUNTS.exec(call)?.[1])).toEqual(['contact', 'student'])
    expect(calls.filter((call) => COUNTS.test(call))).toHaveLength(2)
  })

  it('counts no contacts for the students of a page of contacts', async () => {
    await using gateway = await startGateway(SETTINGS)
    const query = '{ contacts(first: 100) { nodes { relationships { student { id } } } } }'
    const { errors, calls } = await gateway.ask(query)
    expect(errors).toEqual([])
    expect(calls.filter((call) => COUNTS.test(call))).toEqual(['/users?role=student&count=true'])
  })
})
