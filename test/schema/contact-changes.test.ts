import { describe, expect, it } from 'vitest'
import { createOverrides } from '../../src/access/overrides.ts'
import { overridesOf } from '../access/people.ts'
import { CHILD, MIXED, NEPHEW, NIECE } from '../federation/documented-family.ts'
import { type Claims, guardian, SERVICE, startGateway, type TestOptions } from '../support/gateway.ts'
import { subscribe } from '../support/subscribe.ts'

/** A family, and one of each kind who hears of it. */
async function start(options: TestOptions = {}) {
  const gateway = await startGateway({ warm: 'eager', eventsInterval: 20, ...options })
  const district = gateway.sandbox.districts[0] ?? expect.unreachable()
  const somebody = (kind: string, user: string | undefined): Claims => ({
    clever_kind: kind,
    clever_user_id: user,
    clever_district_ids: [district.id],
  })
  const [mother] = district.roster.contactsOf(CHILD).filter(({ id }) => id !== MIXED)
  const [teacher] = district.roster.teachersOf(CHILD)
  const change = (does: (contact: string) => void, contact = MIXED) => {
    does(contact)
    district.sync()
  }
  return Object.assign(gateway, {
    district,
    mother: mother?.id ?? expect.unreachable(),
    as: {
      service: SERVICE,
      contactsOnly: { ...SERVICE, scope: 'contacts:read' },
      admin: somebody('district_admin', district.roster.users('district_admin')[0]?.id),
      teacher: somebody('teacher', teacher?.id ?? expect.unreachable()),
      guardian: guardian(MIXED),
      student: somebody('student', CHILD),
    },
    reword: (student: string, relationship: string) =>
      change((id) => {
        district.endRelationship(id, student)
        district.addRelationship(id, { student, relationship, type: 'Parent/Guardian' })
      }),
    end: (student: string) => change((id) => district.endRelationship(id, student)),
    changePhones: () => change(() => district.changeContacts(1)),
  })
}

type World = Awaited<ReturnType<typeof start>>
type Viewer = keyof World['as']

/** What each hears of the father, until what all of them hear: that he is gone, or his child's no more. */
async function heard(world: World, viewer: Viewer, happens: () => void) {
  await using subscription = await subscribe(world, { as: world.as[viewer] })
  happens()
  world.district.removeContact(world.mother)
  world.district.sync()
  const told: { kind: string; changedFields: unknown; contact: { phone: unknown } | null }[] = []
  for (;;) {
    const { contactId, ...change } = await subscription.change()
    if (contactId === world.mother && change.kind === 'DELETED') return told
    if (contactId === MIXED) told.push(change)
  }
}

const UPDATED = ['UPDATED', ['RELATIONSHIPS']]
const DELETED = ['DELETED', null]
const brief = ({ kind, changedFields }: { kind: string; changedFields: unknown }) => [kind, changedFields]

describe('a change of a contact', () => {
  it('is sent also if the record of the student cannot be read', async () => {
    await using world = await start({ warm: 'off', ages: { displayMs: 0 } })
    world.sandbox.faults.add({ path: new RegExp(`/users/${CHILD}$`), garble: true })
    await using subscription = await subscribe(world, { as: world.as.teacher })
    world.reword(CHILD, 'Other')
    expect(await subscription.change()).toMatchObject({ contactId: MIXED, changedFields: ['RELATIONSHIPS'] })
  })

  it.each<[Viewer, unknown]>([
    ['service', [['UPDATED', ['RELATIONSHIPS']]]],
    ['admin', [['UPDATED', ['RELATIONSHIPS']]]],
    ['contactsOnly', []],
    ['teacher', []],
    ['student', []],
  ])('to a %s, of what he is to a child whom not all may see: %j', async (viewer, expected) => {
    await using world = await start()
    expect((await heard(world, viewer, () => world.reword(NEPHEW, 'Sibling'))).map(brief)).toEqual(expected)
  })

  it.each<[Viewer, unknown]>([
    ['service', [['UPDATED', ['PHONE']]]],
    ['contactsOnly', [['UPDATED', ['PHONE']]]],
    ['teacher', [['UPDATED', ['PHONE']]]],
    ['guardian', [['UPDATED', ['PHONE']]]],
    ['student', []],
  ])('to a %s, of how to reach him: %j', async (viewer, expected) => {
    await using world = await start()
    expect((await heard(world, viewer, world.changePhones)).map(brief)).toEqual(expected)
  })

  it.each<[Viewer, unknown]>([
    ['service', [UPDATED, UPDATED]],
    ['teacher', [UPDATED, DELETED]],
    ['student', [DELETED]],
  ])('to a %s, that he is the father no more, nor the uncle of a classmate: %j', async (viewer, expected) => {
    await using world = await start()
    const told = await heard(world, viewer, () => {
      world.end(CHILD)
      world.end(NIECE)
    })
    expect(told.map(brief)).toEqual(expected)
    if (viewer !== 'service') expect(told.at(-1)?.contact).toBeNull()
  })

  it('shows a student no more of the contact than a query does', async () => {
    await using world = await start()
    const [told] = await heard(world, 'student', () => world.reword(CHILD, 'Grandparent'))
    expect(told).toMatchObject({ kind: 'UPDATED', changedFields: ['RELATIONSHIPS'] })
    expect(told?.contact).toEqual({ id: MIXED, phone: null })
  })

  it('is sent to a guardian of other contacts of the same child, as far as the guardian may see them', async () => {
    await using world = await start()
    await using subscription = await subscribe(world, { as: world.as.guardian })
    const stranger = world.district.contacts.find((id) => {
      const students = world.district.roster.studentsOf(id).map((each) => each.id)
      return id !== world.mother && !students.some((each) => [CHILD, NIECE, NEPHEW].includes(each))
    })
    world.district.removeContact(stranger ?? '')
    world.district.removeContact(world.mother)
    world.district.sync()
    expect(await subscription.change()).toMatchObject({ kind: 'DELETED', contactId: world.mother })
  })

  it('is decided by the overrides as of then', async () => {
    let overrides = createOverrides(overridesOf())
    await using world = await start({ overrides: () => overrides })
    await using subscription = await subscribe(world, { as: world.as.guardian })
    world.changePhones()
    const told = [await subscription.change(), await subscription.change()]
    expect(told.map(({ contactId }) => contactId)).toEqual([MIXED, world.mother].sort())
    const contact = { id: MIXED, name: 'Aaron Collins', sisId: 'none' }
    overrides = createOverrides(
      overridesOf({ effect: 'DENY', student: CHILD, privileges: 'ALL', reason: 'order', contact }),
    )
    world.changePhones()
    world.district.removeContact(world.mother)
    world.district.removeContact(MIXED)
    world.district.sync()
    expect(brief(await subscription.change())).toEqual(['UPDATED', ['PHONE']])
    expect(await subscription.change()).toMatchObject({ kind: 'DELETED', contactId: MIXED })
  })

  it('costs no call in a warm district', async () => {
    await using world = await start()
    await using subscription = await subscribe(world)
    await expect.poll(() => world.districts.all()[0]?.store.size('student')).toBeGreaterThan(0)
    world.reword(CHILD, 'Grandparent')
    const told = await subscription.next()
    expect(told?.data.contactChanges.contact.id).toBe(MIXED)
    expect(told?.extensions?.cost.calls).toBe(0)
  })
})
