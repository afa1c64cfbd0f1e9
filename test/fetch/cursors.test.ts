import { describe, expect, it } from 'vitest'
import { createFakeClock } from '../support/fake-clock.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import type { Cursors } from './counting-clever.ts'

const LOST: readonly Cursors[] = ['lookups', 'lookups-empty']

const PAGE = `query ($after: String) {
  contacts(first: 40, after: $after) {
    nodes { id relationships { studentId student { id } } }
    pageInfo { endCursor }
  }
}`

const start = (cursors: Cursors) => startGateway({ sandbox: { students: 60, cursors } })

/** The students that are shared, as asked for, and as answered. */
function studentsOf(gateway: TestGateway, { data }: Awaited<ReturnType<TestGateway['ask']>>) {
  const shared = new Set(gateway.sandbox.districts[0]?.students)
  type Entry = { readonly studentId: string; readonly student: { readonly id: string } | null }
  const entries: Entry[] = data.contacts.nodes.flatMap(
    (node: { relationships: Entry[] }) => node.relationships,
  )
  const wanted = entries.filter(({ studentId }) => shared.has(studentId))
  return { wanted: wanted.map(({ studentId }) => studentId), there: wanted.map(({ student }) => student?.id) }
}

describe.each(LOST)('with a Clever that takes cursors for %s', (cursors) => {
  it('the students of a first page are all there, for three calls more than they are at most', async () => {
    await using gateway = await start(cursors)
    const reply = await gateway.ask(PAGE)
    const { wanted, there } = studentsOf(gateway, reply)
    expect(there).toEqual(wanted)
    const entries = reply.calls.length
    const asked = new Set(
      reply.data.contacts.nodes.flatMap((node: { relationships: { studentId: string }[] }) =>
        node.relationships.map(({ studentId }) => studentId),
      ),
    )
    expect(entries).toBeLessThanOrEqual(1 + asked.size + 3)
  })

  it('the students of a second page are all there', async () => {
    await using gateway = await start(cursors)
    const first = await gateway.ask('{ contacts(first: 5) { pageInfo { endCursor } } }')
    const reply = await gateway.ask(PAGE, { after: first.data.contacts.pageInfo.endCursor })
    const { wanted, there } = studentsOf(gateway, reply)
    expect(wanted.length).toBeGreaterThan(20)
    expect(there).toEqual(wanted)
  })

  it('no contact is lost after the last page was asked for', async () => {
    await using gateway = await start(cursors)
    const contacts = gateway.sandbox.districts[0]?.contacts ?? []
    await gateway.ask('{ contacts(last: 3) { nodes { id } } }')
    for (const id of [contacts[0], contacts[30], contacts.at(-1)]) {
      const { data } = await gateway.ask('query ($id: ID!) { contact(id: $id) { id } }', { id })
      expect(data).toEqual({ contact: { id } })
    }
  })

  it('the last page is the last, or an error, but never another', async () => {
    await using gateway = await start(cursors)
    const contacts = gateway.sandbox.districts[0]?.contacts ?? []
    const { data, errors } = await gateway.ask('{ contacts(last: 3) { nodes { id } } }')
    if (errors.length > 0) return
    expect(data.contacts.nodes.map(({ id }: { id: string }) => id)).toEqual(contacts.slice(-3))
  })

  it('every contact is found in the pages, one after the other, and none twice', async () => {
    await using gateway = await start(cursors)
    const found: string[] = []
    let after: string | null = null
    do {
      const { data } = await gateway.ask(
        'query ($after: String) { contacts(first: 25, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }',
        { after },
      )
      found.push(...data.contacts.nodes.map(({ id }: { id: string }) => id))
      after = data.contacts.pageInfo.hasNextPage ? data.contacts.pageInfo.endCursor : null
    } while (after !== null)
    expect(found).toEqual(gateway.sandbox.districts[0]?.contacts)
  })

  it('a district that is read as a whole is known as it is', async () => {
    await using gateway = await startGateway({ warm: 'eager', sandbox: { students: 60, cursors } })
    const contacts = gateway.sandbox.districts[0]?.contacts ?? []
    await expect
      .poll(() => gateway.lines.filter((line) => line.includes('all of a role is known')).length)
      .toBe(2)
    const { data, calls } = await gateway.ask('query ($id: ID!) { contact(id: $id) { id } }', {
      id: contacts[30],
    })
    // The past events are read in the background.
    const others = calls.filter((call) => !call.startsWith('/events'))
    expect([data.contact?.id, others]).toEqual([contacts[30], []])
  })
})

describe('with a Clever that compares cursors', () => {
  it('a page is not distrusted because a known record is gone', async () => {
    const clock = createFakeClock()
    await using gateway = await startGateway({ clock, sandbox: { students: 60, now: clock.now } })
    await gateway.ask('{ contacts(first: 1, filter: { hasEmail: true }) { nodes { id } } }')
    const [district] = gateway.sandbox.districts
    district?.removeContact(district.contacts.at(-1) ?? expect.unreachable())
    await clock.advance(301_000)
    const after = Buffer.from(`f${'0'.repeat(23)}`, 'hex').toString('base64url')
    const reply = await gateway.ask(PAGE, { after })
    expect([reply.data.contacts.nodes, reply.errors]).toEqual([[], []])
    const last = await gateway.ask('{ contacts(last: 1) { nodes { id } } }')
    expect(last.data.contacts.nodes).toEqual([{ id: district?.contacts.at(-1) }])
  })
})
