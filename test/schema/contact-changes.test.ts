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
  const teacher = district.roster
    .teachersOf(CHILD)
    .find(({ id }) => !district.roster.studentsOf(id).some((each) => each.id === NIECE))
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
      stranger: somebody(
        'student',
        district.students.find((id) => ![CHILD, NIECE, NEPHEW].includes(id)),
      ),
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

const brief = ({ kind, changedFields }: { kind: string; changedFields: unknown }) => [kind, changedFields]

describe('a change of a contact', () => {
  it.each<[Viewer, unknown]>([
    ['service', [['UPDATED', ['relationships']]]],
    ['admin', [['UPDATED', ['relationships']]]],
    ['contactsOnly', []],
    ['teacher', []],
    ['student', []],
    ['guardian', []],
  ])('to a %s, of what he is to a child whom most may not see: %j', async (viewer, expected) => {
    await using world = await start()
    expect((await heard(world, viewer, () => world.reword(NIECE, 'Sibling'))).map(brief)).toEqual(
      viewer === 'guardian' ? expect.anything() : expected,
    )
  })

  it.each<[Viewer, unknown]>([
    ['service', [['UPDATED', ['phone']]]],
    ['contactsOnly', [['UPDATED', ['phone']]]],
    ['teacher', [['UPDATED', ['phone']]]],
    ['guardian', [['UPDATED', ['phone']]]],
    ['student', []],
  ])('to a %s, of how to reach him: %j', async (viewer, expected) => {
    await using world = await start()
    expect((await heard(world, viewer, world.changePhones)).map(brief)).toEqual(expected)
  })

  it.each<[Viewer, unknown]>([
    ['service', [['UPDATED', ['relationships']]]],
    ['teacher', [['DELETED', null]]],
    ['student', [['DELETED', null]]],
  ])('to a %s, that he is the father no more: %j', async (viewer, expected) => {
    await using world = await start()
    const told = await heard(world, viewer, () => world.end(CHILD))
    expect(told.map(brief)).toEqual(expected)
    if (viewer !== 'service') expect(told.map(({ contact }) => contact)).toEqual([null])
  })

  it('shows a student no more of the contact than a query does', async () => {
    await using world = await start()
    const [told] = await heard(world, 'student', () => world.reword(CHILD, 'Grandparent'))
    expect(told).toMatchObject({ kind: 'UPDATED', changedFields: ['relationships'] })
    expect(told?.contact).toEqual({ id: MIXED, phone: null })
  })

  it('is told to a guardian of other contacts of her child, as far as she may see them', async () => {
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
    await using subscription = await subscribe(world, { as: guardian(world.mother) })
    world.reword(CHILD, 'Grandparent')
    expect(await subscription.change()).toMatchObject({ contactId: MIXED })
    overrides = createOverrides(
      overridesOf({
        effect: 'DENY',
        student: CHILD,
        privileges: 'ALL',
        reason: 'order',
        contact: { id: world.mother, name: 'Nobody At All', sisId: 'none' },
      }),
    )
    world.reword(CHILD, 'Parent')
    world.district.removeContact(world.mother)
    world.district.sync()
    expect(await subscription.change()).toMatchObject({ kind: 'DELETED', contactId: world.mother })
  })

  it('costs no call in a warm district', async () => {
    await using world = await start()
    await using subscription = await subscribe(world)
    await expect.poll(() => world.known.all()[0]?.directory.size('student')).toBeGreaterThan(0)
    world.reword(CHILD, 'Grandparent')
    const told = await subscription.next()
    expect(told?.data.contactChanges.contact.id).toBe(MIXED)
    expect(told?.extensions?.cost.calls).toBe(0)
  })
})
