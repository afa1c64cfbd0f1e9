import { describe, expect, it } from 'vitest'
import { startGateway } from '../support/gateway.ts'
import { subscribe } from '../support/subscribe.ts'
import { startWorld, withPhone } from './world.ts'

describe('C14: a contact that names 5,100 students', () => {
  it('C14: no limit is above 10,000, and everything is answered', async () => {
    await using gateway = await startGateway({ sandbox: { students: 5_200, contacts: 40 } })
    const [district] = gateway.sandbox.districts
    const students = district?.students.slice(0, 5_100) ?? []
    expect(students).toHaveLength(5_100)
    const id = 'b'.repeat(24)
    const entries = students.map((student) => ({ student, relationship: 'Other', type: 'Other' }))
    const user = { id, name: { last: 'Many' }, roles: { contact: { student_relationships: entries } } }
    gateway.sandbox.faults.add({ path: `/users/${id}`, status: 200, body: JSON.stringify({ data: user }) })
    const query = 'query ($id: ID!) { contact(id: $id) { relationships { studentId student { id } } } }'
    const { data, errors, calls } = await gateway.ask(query, { id })
    expect(errors).toEqual([])
    const limits = calls.map((call) => Number(/limit=(\d+)/.exec(call)?.[1] ?? 0))
    expect(Math.max(...limits)).toBeLessThanOrEqual(10_000)
    const { relationships } = data.contact
    expect(relationships.map((each: { student: { id: string } | null }) => each.student?.id)).toEqual(
      students,
    )
  }, 30_000)
})

describe('O18: many subscribers that come back after a restart', () => {
  it('O18: read the same page of events once, from whichever change they go on', async () => {
    await using world = await startWorld({ warm: 'off' })
    const at = world.cleverNow() - 600_000
    const events = [0, 1, 2].map((n) =>
      world.event({ at: at + n * 1_000, object: withPhone(world.contact(n), `555-000${n}`, at) }),
    )
    world.tell(events)
    const ids = events.map(({ data }) => data.id)
    const back = await Promise.all(
      Array.from({ length: 60 }, (_, n) => subscribe(world.gateway, { variables: { after: ids[n % 2] } })),
    )
    for (const [n, subscription] of back.entries())
      expect(await subscription.change()).toMatchObject({ eventId: ids[(n % 2) + 1] })
    // One call finds the newest event, one reads the past for id changes, and one is shared by all.
    const reads = world.sandbox.calls.all().filter(({ query }) => query.includes('starting_after'))
    expect(reads).toHaveLength(1)
    for (const { hangUp } of back) hangUp()
  })
})
