import { describe, expect, it, vi } from 'vitest'
import { CHILD, MIXED, NIECE } from '../federation/documented-family.ts'
import { type Claims, guardian, SERVICE, startGateway } from '../support/gateway.ts'
import { readPastEvents } from '../support/past-events.ts'
import { subscribe } from '../support/subscribe.ts'

const CHANGES = `subscription ($after: ID) {
  contactChanges(afterEventId: $after) { eventId kind contactId successorContactId contact { id } }
}`

/** A district in which no event is late, so that an id change is settled after the next poll. */
async function start() {
  const gateway = await startGateway({ warm: 'eager', eventsInterval: 20, eventsLag: 0 })
  const district = gateway.sandbox.districts[0] ?? expect.unreachable()
  const known = () => gateway.districts.all()[0] ?? expect.unreachable()
  await readPastEvents(gateway)

  /** Resolves when the gateway knows who replaced the contact. */
  async function correct(id: string, email: string): Promise<string> {
    const next = district.correctEmail(id, email)
    await settled(id, next)
    return next
  }

  /** Resolves when the gateway knows that one contact has replaced another. */
  async function settled(id: string, next: string) {
    district.sync()
    await vi.waitFor(() =>
      expect(
        known()
          .idHistory.previousIds(next as never)
          .at(0),
      ).toBe(id),
    )
  }

  /** The change of one contact with this kind, as sent to a viewer who was away since `after`. */
  async function told(kind: string, contactId: string, after: string, as: Claims = SERVICE) {
    await using again = await subscribe(gateway, { query: CHANGES, variables: { after }, as })
    for (;;) {
      const change = await again.change()
      if (change.kind === kind && change.contactId === contactId) return change
    }
  }

  /** A place among the changes before everything that follows. */
  async function bookmark(): Promise<string> {
    await using subscription = await subscribe(gateway, { query: CHANGES })
    const other = district.contacts.find(
      (id) => district.roster.user(id)?.roles.contact?.sis_id !== '' && id !== MIXED,
    )
    district.editContact(other ?? '', {}, { phone: '(330) 555-0100' })
    district.sync()
    return (await subscription.change()).eventId
  }

  const mother = district.roster.contactsOf(CHILD).find(({ id }) => id !== MIXED)?.id ?? expect.unreachable()
  return Object.assign(gateway, { district, mother, correct, settled, told, bookmark })
}

describe('the change of a contact that was deleted', () => {
  it('names the contact that replaced it, to a viewer who was away, and through all replacements', async () => {
    await using world = await start()
    const after = await world.bookmark()
    const second = await world.correct(MIXED, 'a.collins@example.org')
    expect(await world.told('DELETED', MIXED, after)).toMatchObject({
      successorContactId: second,
      contact: null,
    })
    expect(await world.told('CREATED', second, after)).toMatchObject({ successorContactId: null })
    const third = await world.correct(second, 'aaron@example.org')
    expect(await world.told('DELETED', MIXED, after)).toMatchObject({ successorContactId: third })
    expect(await world.told('DELETED', second, after)).toMatchObject({ successorContactId: third })
  })

  it('names none where none came, and none while the contact exists', async () => {
    await using world = await start()
    const after = await world.bookmark()
    world.district.removeContact(world.mother)
    world.district.endRelationship(MIXED, CHILD)
    world.district.sync()
    expect(await world.told('DELETED', world.mother, after)).toMatchObject({ successorContactId: null })
    const student = {
      clever_kind: 'student',
      clever_user_id: CHILD,
      clever_district_ids: [world.district.id],
    }
    expect(await world.told('DELETED', MIXED, after, student)).toMatchObject({ successorContactId: null })
  })

  it('names it only to a viewer who may see it as of now', async () => {
    await using world = await start()
    const after = await world.bookmark()
    const next = await world.correct(MIXED, 'a.collins@example.org')
    const parentOf = (id: string) =>
      guardian(
        world.district.roster
          .contactsOf(id)
          .find(
            ({ id: each, roles }) =>
              each !== next && roles.contact?.student_relationships[0]?.relationship === 'Parent',
          )?.id ?? '',
      )
    for (const as of [guardian(world.mother), parentOf(NIECE)])
      expect(await world.told('DELETED', MIXED, after, as)).toMatchObject({ successorContactId: next })

    world.district.endRelationship(next, CHILD)
    world.district.sync()
    // The mother gets it when the gateway knows the student.
    await world.told('DELETED', next, after, guardian(world.mother))
    expect(await world.told('DELETED', MIXED, after, guardian(world.mother))).toMatchObject({
      successorContactId: null,
    })
    expect(await world.told('DELETED', MIXED, after, parentOf(NIECE))).toMatchObject({
      successorContactId: next,
    })
  })

  it('reads the same whether a contact came that the viewer may not see, or none', async () => {
    const studentsRead = async (isReplaced: boolean) => {
      await using world = await start()
      const after = await world.bookmark()
      if (isReplaced) {
        const next = world.district.correctEmail(MIXED, 'a.collins@example.org')
        world.district.endRelationship(next, CHILD)
        await world.settled(MIXED, next)
      } else {
        world.district.removeContact(MIXED)
        world.district.sync()
      }
      const store = world.districts.all()[0]?.store ?? expect.unreachable()
      const reads = vi.spyOn(store, 'contactsOf')
      expect(await world.told('DELETED', MIXED, after, guardian(world.mother))).toMatchObject({
        successorContactId: null,
      })
      return new Set(reads.mock.calls.map(([student]) => student))
    }
    expect(await studentsRead(true)).toEqual(await studentsRead(false))
  })

  it('puts the successor in the audit only where it is named', async () => {
    await using world = await start()
    const after = await world.bookmark()
    const next = await world.correct(MIXED, 'a.collins@example.org')
    await world.told('DELETED', MIXED, after)
    const line = world.audited.at(-1) ?? expect.unreachable()
    expect(line).toContain(MIXED)
    expect(line).toContain(next)
  })
})
