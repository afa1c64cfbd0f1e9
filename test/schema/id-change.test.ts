import { describe, expect, it } from 'vitest'
import { createOverrides, overridesFile } from '../../src/access/overrides.ts'
import type { User } from '../../src/sandbox/roster/records.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { CHILD, DISTRICT, MIXED, NEPHEW, NIECE } from '../federation/documented-family.ts'
import { eventually } from '../support/eventually.ts'
import { type Claims, guardian, SERVICE, startGateway, type TestOptions } from '../support/gateway.ts'
import { readPastEvents } from '../support/past-events.ts'
import { pageOfEvents } from '../sync/syncing.ts'

const EMAIL = 'a.collins@example.org'
const CONTACT = `query ($id: ID!, $districtId: ID) {
  contact(id: $id, districtId: $districtId) { id displayName previousIds }
}`

/** A district that is kept ready by events, and what happens to it. Calls are those that no poll makes. */
async function startKept(options: TestOptions = {}) {
  const gateway = await startGateway({ warm: 'eager', eventsInterval: 20, eventsLag: 0, ...options })
  const roster = gateway.sandbox.districts[0] ?? expect.unreachable()
  await readPastEvents(gateway)
  const { idHistory } = gateway.districts.all()[0] ?? expect.unreachable()

  /** Until the events of what happens are known. */
  async function happens(change: () => void) {
    const before = idHistory.lastId
    change()
    await eventually(() => expect(idHistory.lastId).not.toBe(before))
    // An id change is settled when the poll is over, and then the next begins.
    const polls = gateway.sandbox.calls.count(/\/events$/)
    await eventually(() => expect(gateway.sandbox.calls.count(/\/events$/)).toBeGreaterThan(polls))
  }

  return {
    gateway,
    roster,
    happens,
    async correct(id: string = MIXED, email = EMAIL): Promise<string> {
      let next = id
      await happens(() => {
        next = roster.correctEmail(id, email)
        roster.sync()
      })
      return next
    },
    async ask(query: string, variables: Record<string, unknown>, as?: Claims) {
      const { data, errors, calls } = await gateway.ask(query, variables, as)
      expect(errors).toEqual([])
      return { data, calls: calls.filter((call) => !call.startsWith('/events')) }
    },
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  }
}

type Kept = Awaited<ReturnType<typeof startKept>>

const person = (kind: string, id = ''): Claims => ({
  clever_kind: kind,
  clever_user_id: id,
  clever_district_ids: [DISTRICT],
})

/** A teacher of none of these students. */
function strangerTo(students: readonly string[], { roster }: Kept): Claims {
  const teachers = (id: string) => roster.roster.teachersOf(id).map((teacher) => teacher.id)
  const known = new Set(students.flatMap(teachers))
  return person(
    'teacher',
    roster.students.flatMap(teachers).find((id) => !known.has(id)),
  )
}

describe.concurrent('an id that a contact has no more', () => {
  it('finds the contact that replaced it, and always says so', async () => {
    await using kept = await startKept()
    const id = await kept.correct()
    expect(id).not.toBe(MIXED)
    const aaron = { id, displayName: 'Aaron Collins', previousIds: [MIXED] }
    expect(await kept.ask(CONTACT, { id: MIXED })).toEqual({
      data: { contact: aaron },
      calls: [],
    })
    expect(await kept.ask(CONTACT, { id })).toEqual({
      data: { contact: aaron },
      calls: [],
    })
  })

  it('finds her also after several changes, and after a restart', async () => {
    await using sandbox = await closing(startSandbox({ students: 24 }))
    let ids: readonly string[] = []
    {
      await using kept = await startKept({ over: sandbox.sandbox })
      const second = await kept.correct()
      ids = [await kept.correct(second, 'aaron@example.org'), second, MIXED]
    }
    await using kept = await startKept({ over: sandbox.sandbox })
    const [id, ...previousIds] = ids
    for (const asked of previousIds) {
      const { data, calls } = await kept.ask(CONTACT, { id: asked })
      expect(data.contact).toMatchObject({ id, previousIds })
      expect(calls).toEqual([])
    }
  })

  it('finds her where only Clever knows the records, with a call for each of the two', async () => {
    await using kept = await startKept()
    const id = await kept.correct()
    kept.gateway.sandbox.faults.add({ path: /role=/, delayMs: 2_000, times: 1 })
    kept.gateway.forget()
    const { data, calls } = await kept.ask(CONTACT, { id: MIXED })
    expect(data.contact).toMatchObject({ id })
    expect(calls.filter((call) => !call.includes('role='))).toEqual([`/users/${MIXED}`, `/users/${id}`])
  })

  it('finds her in her own district, and in no other', async () => {
    await using kept = await startKept({ sandbox: { districts: 2 } })
    const id = await kept.correct()
    const elsewhere = kept.gateway.sandbox.districts[1]?.id
    expect((await kept.ask(CONTACT, { id: MIXED, districtId: DISTRICT })).data.contact).toMatchObject({ id })
    expect((await kept.ask(CONTACT, { id: MIXED })).data.contact).toMatchObject({ id })
    expect((await kept.ask(CONTACT, { id: MIXED, districtId: elsewhere })).data.contact).toBeNull()
  })

  it('finds the contact itself when it has come back', async () => {
    await using kept = await startKept()
    const first = await kept.correct()
    const second = await kept.correct(first, 'aaron@example.org')
    expect(await kept.correct(second, EMAIL)).toBe(first)
    const aaron = { id: first, previousIds: [second, MIXED] }
    for (const id of [first, second, MIXED])
      expect((await kept.ask(CONTACT, { id })).data.contact).toMatchObject(aaron)
  })

  it('finds no contact if two could be meant', async () => {
    await using kept = await startKept()
    const gone = kept.roster.roster.user(MIXED) ?? expect.unreachable()
    const [one, other] = ['b', 'c'].map((letter): User => ({ ...gone, id: letter.repeat(24) }))
    const events = [
      { n: 1, kind: 'created', object: one ?? expect.unreachable() },
      { n: 2, kind: 'created', object: other ?? expect.unreachable() },
      { n: 3, kind: 'deleted', object: gone },
    ] as const
    const told = pageOfEvents(events, Date.now() + 60_000)
    await kept.happens(() => {
      kept.gateway.sandbox.faults.add({ path: /events.*starting_after/, times: 1, status: 200, body: told })
    })
    expect(await kept.ask(CONTACT, { id: MIXED })).toEqual({ data: { contact: null }, calls: [] })
    expect((await kept.ask(CONTACT, { id: one?.id })).data.contact).toMatchObject({ previousIds: [] })
  })

  it('O16: finds neither father nor son of one name when one sync gave both another id', async () => {
    await using kept = await startKept()
    const gone = kept.roster.roster.user(MIXED) ?? expect.unreachable()
    const [son = ''] = kept.roster.roster
      .contactsOf(CHILD)
      .map(({ id }) => id)
      .filter((id) => id !== MIXED)
    const entries = [{ student: CHILD, relationship: 'Other', type: 'Emergency' }]
    await kept.happens(() => {
      kept.roster.editContact(
        son,
        { name: gone.name, email: 'son@example.org' },
        { sis_id: undefined, phone: gone.roles.contact?.phone, student_relationships: entries },
      )
      kept.roster.sync()
    })
    let came: readonly string[] = []
    await kept.happens(() => {
      came = [
        kept.roster.correctEmail(MIXED, 'dad@example.org'),
        kept.roster.correctEmail(son, 'jr@example.org'),
      ]
      kept.roster.sync()
    })
    for (const id of [MIXED, son]) expect((await kept.ask(CONTACT, { id })).data.contact).toBeNull()
    for (const id of came)
      expect((await kept.ask(CONTACT, { id })).data.contact).toMatchObject({ id, previousIds: [] })
  })

  it('O17: finds no successor of a contact that may be two people', async () => {
    await using kept = await startKept()
    await kept.happens(() => {
      kept.roster.editContact(MIXED, { email: 'none@none.com' })
      kept.roster.sync()
    })
    const next = await kept.correct(MIXED, 'aaron@example.org')
    expect((await kept.ask(CONTACT, { id: MIXED })).data.contact).toBeNull()
    expect((await kept.ask(CONTACT, { id: next })).data.contact).toMatchObject({ previousIds: [] })
  })

  it('is not the key of an entity, nor of a relationship, nor does it decide anything', async () => {
    await using kept = await startKept()
    const id = await kept.correct()
    const { data, calls } = await kept.ask(
      `query ($old: ID!, $id: ID!, $student: ID!, $representations: [_Any!]!) {
        _entities(representations: $representations) { ... on Contact { id } }
        old: studentRelationships(contactId: $old, studentId: $student) { id }
        new: studentRelationships(contactId: $id, studentId: $student) { contactId }
        oldAccess: contactAccess(contactId: $old, studentId: $student, privilege: PICK_UP) { allowed reason }
        newAccess: contactAccess(contactId: $id, studentId: $student, privilege: PICK_UP) { allowed reason }
      }`,
      {
        old: MIXED,
        id,
        student: CHILD,
        representations: [MIXED, id].map((each) => ({ __typename: 'Contact', id: each })),
      },
    )
    expect(data).toEqual({
      _entities: [null, { id }],
      old: [],
      new: [{ contactId: id }],
      oldAccess: { allowed: false, reason: 'NO_RELATIONSHIP' },
      newAccess: { allowed: true, reason: 'RELATIONSHIP' },
    })
    expect(calls).toEqual([])
  })
})

describe.concurrent('a viewer who may not see the successor', () => {
  const ids = '{ contact(id: "%") { id } }'
  const byId = (id: string) => ids.replace('%', id)

  it('gets nothing for the old id, as for an id of no user: a teacher of other students', async () => {
    await using kept = await startKept()
    const stranger = strangerTo([CHILD, NIECE, NEPHEW], kept)
    const id = await kept.correct()
    const { data } = await kept.ask('{ students { nodes { id } } }', {}, stranger)
    expect(data.students.nodes.length).toBeGreaterThan(0)
    for (const asked of [MIXED, id, 'a'.repeat(24)])
      expect(await kept.ask(byId(asked), {}, stranger)).toEqual({ data: { contact: null }, calls: [] })
    const teacher = person('teacher', kept.roster.roster.teachersOf(CHILD)[0]?.id)
    expect((await kept.ask(byId(MIXED), {}, teacher)).data.contact).toEqual({ id })
  })

  it('gets nothing for the old id: a service without the scope', async () => {
    await using kept = await startKept()
    await kept.correct()
    const students = { ...SERVICE, scope: 'students:read' }
    expect(await kept.ask(byId(MIXED), {}, students)).toEqual({ data: { contact: null }, calls: [] })
  })

  it('gets nothing at all: a guardian who signs in with the old id', async () => {
    await using kept = await startKept()
    const before = await kept.ask(byId(MIXED), {}, guardian(MIXED))
    expect(before.data.contact).toEqual({ id: MIXED })
    const id = await kept.correct()
    for (const asked of [MIXED, id])
      expect(await kept.ask(byId(asked), {}, guardian(MIXED))).toEqual({ data: { contact: null }, calls: [] })
    const { data } = await kept.ask(
      '{ students { nodes { id } } contacts { nodes { id } } contactsViewer { students { student { id } } } }',
      {},
      guardian(MIXED),
    )
    expect(data).toEqual({
      students: { nodes: [] },
      contacts: { nodes: [] },
      contactsViewer: { students: [] },
    })
    expect((await kept.ask(byId(MIXED), {}, guardian(id))).data.contact).toEqual({ id })
  })

  it('gets what he may see of her, and no ids: the student in person', async () => {
    await using kept = await startKept()
    const id = await kept.correct()
    const { data } = await kept.ask(
      'query ($id: ID!) { contact(id: $id) { id previousIds email { raw } relationships { studentId } } }',
      { id: MIXED },
      person('student', CHILD),
    )
    expect(data.contact).toEqual({
      id,
      previousIds: null,
      email: null,
      relationships: [{ studentId: CHILD }],
    })
  })
})

describe.concurrent('what a successor may do', () => {
  const PRIVILEGES = 'query ($id: ID!) { contact(id: $id) { id relationships { studentId privileges } } }'

  it('is judged by what she is today', async () => {
    await using kept = await startKept()
    const id = await kept.correct()
    await kept.happens(() => {
      kept.roster.endRelationship(id, CHILD)
      kept.roster.sync()
    })
    const { data } = await kept.ask(PRIVILEGES, { id: MIXED })
    expect(data.contact.id).not.toBe(MIXED)
    expect(data.contact.relationships).toEqual([
      { studentId: NIECE, privileges: [] },
      { studentId: NEPHEW, privileges: [] },
    ])
  })

  it('is not what her old id was granted, and not what she was denied by name', async () => {
    const overrides = createOverrides(
      overridesFile.parse({
        overrides: [
          {
            effect: 'GRANT',
            student: NIECE,
            privileges: ['PICK_UP'],
            reason: 'a letter',
            contact: { id: MIXED },
          },
          {
            effect: 'DENY',
            student: CHILD,
            privileges: ['PICK_UP'],
            reason: 'an order',
            contact: { id: MIXED, name: 'Aaron Collins', email: EMAIL },
          },
        ],
      }),
    )
    await using kept = await startKept({ overrides: () => overrides })
    const privilegesOf = async () => {
      const { data } = await kept.ask(PRIVILEGES, { id: MIXED })
      const entries: { studentId: string; privileges: string[] }[] = data.contact.relationships
      return new Map(entries.map(({ studentId, privileges }) => [studentId, privileges.includes('PICK_UP')]))
    }
    const pickUp = async () => {
      const privileges = await privilegesOf()
      return [privileges.get(NIECE), privileges.get(CHILD)]
    }
    expect(await pickUp()).toEqual([true, false])
    await kept.correct()
    expect(await pickUp()).toEqual([false, false])
  })
})

/** Closed at the end of the test. */
async function closing(starting: ReturnType<typeof startSandbox>) {
  const sandbox = await starting
  return { sandbox, [Symbol.asyncDispose]: () => sandbox.close() }
}
