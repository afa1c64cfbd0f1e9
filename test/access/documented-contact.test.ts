import { describe, expect, it } from 'vitest'
import { createOverrides, overridesFile } from '../../src/access/overrides.ts'
import type { Fault } from '../../src/sandbox/faults.ts'
import { idBefore } from '../../src/store/coverage.ts'
import { CHILD, MIXED, NEPHEW, NIECE } from '../federation/documented-family.ts'
import { createImpatientClock } from '../http/impatient-clock.ts'
import { eventually } from '../support/eventually.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { guardian, startGateway, type TestGateway, type TestOptions } from '../support/gateway.ts'

const ALL_PRIVILEGES = [
  'VIEW_STUDENT',
  'VIEW_CONTACTS',
  'VIEW_RECORDS',
  'RECEIVE_MESSAGES',
  'PICK_UP',
  'GIVE_CONSENT',
  'EMERGENCY_CALL',
]

interface Entry {
  readonly id: string
  readonly studentId: string
  readonly privileges: readonly string[]
}

/** The people and entries as a service sees them before anything happens, which is forgotten. */
async function startFamily(options: TestOptions = {}) {
  const gateway = await startGateway({ clock: createFakeClock(), ...options })
  const { data } = await gateway.ask(
    `{ contact(id: "${MIXED}") { relationships { id studentId privileges } }
       niece: student(id: "${NIECE}") { relationships { contactId } }
       child: student(id: "${CHILD}") { relationships { contactId } } }`,
  )
  const others = (of: { relationships: { contactId: string }[] }) =>
    of.relationships.map(({ contactId }) => contactId).filter((id) => id !== MIXED)
  const entries: readonly Entry[] = data.contact.relationships
  gateway.forget()
  return {
    gateway,
    entries,
    /** The mother of the child; the parents of the niece and the nephew. */
    mother: others(data.child)[0] ?? expect.unreachable(),
    parentsOfNiece: others(data.niece),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  }
}

type Family = Awaited<ReturnType<typeof startFamily>>

interface Path {
  readonly name: string
  readonly query: string
}

/** Each way to a student, to an entry or to a privilege, written for this family and for one spelling of the contact. */
function paths({ entries, mother, parentsOfNiece }: Family, self: string): readonly Path[] {
  const three = (field: (id: string) => string) =>
    [CHILD, NIECE, NEPHEW].map((id, index) => `alias${index}: ${field(id)}`).join(' ')
  const entity = (representation: string, fields: string) =>
    `_entities(representations: [${representation}]) { ${fields} }`
  const relationshipId = (id: string) => id.replace(MIXED, self)
  return [
    { name: 'student, by aliases', query: `{ ${three((id) => `student(id: "${id}") { id displayName }`)} }` },
    {
      name: 'the list of students, its count and its cursors',
      query:
        '{ students { totalCount edges { cursor node { id displayName } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }',
    },
    {
      name: 'the list of students from its end',
      query: '{ students(last: 1) { totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage } } }',
    },
    {
      name: 'the own contact',
      query: `{ contact(id: "${self}") { relationships { studentId student { id displayName } } } }`,
    },
    {
      name: 'the list of contacts',
      query:
        '{ contacts { totalCount edges { cursor node { relationships { studentId student { id } } } } } }',
    },
    {
      name: 'the other contacts, by aliases',
      query: `{ ${[mother, ...parentsOfNiece]
        .map((id, index) => `alias${index}: contact(id: "${id}") { relationships { studentId } }`)
        .join(' ')} }`,
    },
    {
      name: 'studentRelationships',
      query: `{ ${three((id) => `studentRelationships(contactId: "${self}", studentId: "${id}") { studentId student { id } }`)} }`,
    },
    {
      name: 'the viewer',
      query:
        '{ contactsViewer { students { studentId student { id displayName } } contacts { relationships { studentId } } } }',
    },
    {
      name: '_entities of students',
      query: `{ ${three((id) => entity(`{ __typename: "Student", id: "${id}" }`, '... on Student { id displayName }'))} }`,
    },
    {
      name: '_entities of contacts',
      query: `{ ${[self, mother, ...parentsOfNiece]
        .map(
          (id, index) =>
            `alias${index}: ${entity(`{ __typename: "Contact", id: "${id}" }`, '... on Contact { relationships { studentId } }')}`,
        )
        .join(' ')} }`,
    },
    {
      name: '_entities of relationships',
      query: `{ ${entries
        .map(
          ({ id }, index) =>
            `alias${index}: ${entity(`{ __typename: "StudentRelationship", id: "${relationshipId(id)}" }`, '... on StudentRelationship { studentId student { id } }')}`,
        )
        .join(' ')} }`,
    },
    {
      name: 'nested through another contact',
      query: `{ contact(id: "${mother}") { relationships { student { id relationships { contact { relationships { studentId student { id } } } } } } } }`,
    },
  ]
}

const idsIn = (data: unknown) =>
  [CHILD, NIECE, NEPHEW].filter((id) =>
    [id, Buffer.from(id, 'hex').toString('base64url')].some((text) => JSON.stringify(data).includes(text)),
  )

/** By which paths the guardian learns of which students, and what she may do. */
async function seenBy(family: Family, self: string) {
  const { gateway } = family
  const seen = new Map<string, readonly string[]>()
  for (const { name, query } of paths(family, self)) {
    const { data, errors, calls } = await gateway.ask(query, {}, guardian(self))
    expect(errors, name).toEqual([])
    const found = idsIn(data)
    // A range begins just below whom it is for.
    const asked = calls.filter((call) =>
      [CHILD, NIECE, NEPHEW].some(
        (id) => !found.includes(id) && [id, idBefore(id)].some((each) => call.includes(each)),
      ),
    )
    expect(asked, name).toEqual([])
    seen.set(name, found)
  }
  return seen
}

async function privilegesOf(gateway: TestGateway, self: string) {
  const cells = [CHILD, NIECE, NEPHEW].flatMap((student) =>
    ALL_PRIVILEGES.map((privilege) => ({ student, privilege })),
  )
  const { data } = await gateway.ask(
    `{ contactsViewer { students { studentId privileges } } contact(id: "${self}") { relationships { studentId privileges } }
       ${cells
         .map(
           ({ student, privilege }, index) =>
             `a${index}: contactAccess(contactId: "${self}", studentId: "${student}", privilege: ${privilege}) { allowed }`,
         )
         .join(' ')} }`,
    {},
    guardian(self),
  )
  return {
    viewer: data.contactsViewer.students,
    entries: data.contact?.relationships ?? [],
    access: cells.filter((_cell, index) => data[`a${index}`].allowed),
  }
}

const EVERY_PATH_TO = (family: Family, ids: readonly string[]) =>
  new Map(paths(family, MIXED).map(({ name }) => [name, ids]))

const NOTHING_AT_ALL = { viewer: [], entries: [], access: [] }

describe("the contact of Clever's document, parent of one and uncle of two", () => {
  it('reaches exactly the one child by every path', async () => {
    await using family = await startFamily()
    expect(await seenBy(family, MIXED)).toEqual(EVERY_PATH_TO(family, [CHILD]))
  })

  it('reaches no more when all the district is known, and then by no call', async () => {
    await using family = await startFamily()
    const { gateway } = family
    await gateway.ask('{ students(first: 100) { totalCount } contacts(first: 100) { totalCount } }')
    await gateway.ask(
      `{ ${[CHILD, NIECE, NEPHEW].map((id, i) => `s${i}: student(id: "${id}") { id }`).join(' ')} }`,
    )
    const known = gateway.sandbox.calls.count()
    expect(await seenBy(family, MIXED)).toEqual(EVERY_PATH_TO(family, [CHILD]))
    expect(gateway.sandbox.calls.count()).toBe(known)
  })

  it("has a parent's privileges for that child, and none for the others", async () => {
    await using family = await startFamily()
    const child = { studentId: CHILD, privileges: ALL_PRIVILEGES }
    expect(await privilegesOf(family.gateway, MIXED)).toEqual({
      viewer: [child],
      entries: [child],
      access: ALL_PRIVILEGES.map((privilege) => ({ student: CHILD, privilege })),
    })
    expect(family.entries.map(({ studentId, privileges }) => [studentId, privileges.length])).toEqual([
      [NIECE, 0],
      [NEPHEW, 0],
      [CHILD, ALL_PRIVILEGES.length],
    ])
  })

  it('gets a list of one: no gap, no count and no page that another child has left', async () => {
    await using family = await startFamily()
    const { data } = await family.gateway.ask(
      `{ students { totalCount edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
         last: students(last: 1) { nodes { id } pageInfo { hasNextPage hasPreviousPage } }
         before: students(last: 5, before: "${Buffer.from(CHILD, 'hex').toString('base64url')}") { totalCount nodes { id } pageInfo { hasPreviousPage } }
         contacts { totalCount nodes { id } } }`,
      {},
      guardian(MIXED),
    )
    const cursor = Buffer.from(CHILD, 'hex').toString('base64url')
    expect(data).toEqual({
      students: {
        totalCount: 1,
        edges: [{ cursor }],
        pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: cursor, endCursor: cursor },
      },
      last: { nodes: [{ id: CHILD }], pageInfo: { hasNextPage: false, hasPreviousPage: false } },
      // Niece and child are neighbors by id: nothing is before the child.
      before: { totalCount: 1, nodes: [], pageInfo: { hasPreviousPage: false } },
      contacts: { totalCount: 2, nodes: [MIXED, family.mother].sort().map((id) => ({ id })) },
    })
  })
})

describe('when the relationship ends in Clever', () => {
  it('the privileges are gone by every path when the facts are older than 60 s', async () => {
    const clock = createFakeClock()
    await using family = await startFamily({ clock })
    await family.gateway.ask('{ contactsViewer { students { studentId } } }', {}, guardian(MIXED))
    family.gateway.sandbox.districts[0]?.endRelationship(MIXED, CHILD)
    await clock.advance(60_001)
    expect(await seenBy(family, MIXED)).toEqual(EVERY_PATH_TO(family, []))
    expect(await privilegesOf(family.gateway, MIXED)).toEqual(NOTHING_AT_ALL)
  })

  it('facts that were used meanwhile are not young again', async () => {
    const clock = createFakeClock()
    await using family = await startFamily({ clock })
    const ask = async () =>
      (await family.gateway.ask(`{ student(id: "${CHILD}") { id } }`, {}, guardian(MIXED))).data.student
    expect(await ask()).toEqual({ id: CHILD })
    family.gateway.sandbox.districts[0]?.endRelationship(MIXED, CHILD)
    for (const milliseconds of [20_000, 20_000, 19_000]) {
      await clock.advance(milliseconds)
      await ask()
    }
    await clock.advance(1_001)
    expect(await ask()).toBeNull()
  })

  it('the privileges are gone after 60 s also when the clock has been set back', async () => {
    let now = Date.parse('2026-11-22T12:00:00Z')
    const clock = { ...createFakeClock(), now: () => now, elapsed: () => now }
    await using family = await startFamily({ clock })
    const ask = async () =>
      (await family.gateway.ask(`{ student(id: "${CHILD}") { id } }`, {}, guardian(MIXED))).data.student
    expect(await ask()).toEqual({ id: CHILD })
    family.gateway.sandbox.districts[0]?.endRelationship(MIXED, CHILD)
    now -= 3_600_000
    await ask()
    now += 60_001
    expect(await ask()).toBeNull()
  })

  it('the privileges are gone at once where facts may have no age', async () => {
    await using family = await startFamily({ ages: { decisionMs: 0 } })
    expect(await seenBy(family, MIXED)).toEqual(EVERY_PATH_TO(family, [CHILD]))
    family.gateway.sandbox.districts[0]?.endRelationship(MIXED, CHILD)
    expect(await seenBy(family, MIXED)).toEqual(EVERY_PATH_TO(family, []))
    expect(await privilegesOf(family.gateway, MIXED)).toEqual(NOTHING_AT_ALL)
  })

  it.each<[string, Omit<Fault, 'path'>]>([
    ['refuses the token', { status: 401, body: 'no' }],
    ['garbles', { garble: true }],
    ['does not answer in time', { delayMs: 60_000 }],
  ])('it is a no with UPSTREAM_UNAVAILABLE, and never an old yes, while Clever %s', async (_how, fault) => {
    const clock = createImpatientClock()
    await using family = await startFamily({ clock, requestTimeout: 500 })
    const { gateway } = family
    const { calls } = gateway.sandbox
    const told = `{ student(id: "${CHILD}") { id } contactsViewer { students { studentId } } }`
    expect((await gateway.ask(told, {}, guardian(MIXED))).data).toEqual({
      student: { id: CHILD },
      contactsViewer: { students: [{ studentId: CHILD }] },
    })
    await clock.advance(60_001)
    gateway.sandbox.faults.add({ path: `/users/${MIXED}`, ...fault })
    const before = calls.count()
    const asking = gateway.ask(told, {}, guardian(MIXED))
    await eventually(() => expect(calls.count()).toBeGreaterThan(before))
    if (fault.delayMs !== undefined) await clock.advance(500)
    const { data, errors } = await asking
    expect(data).toEqual({ student: null, contactsViewer: { students: null } })
    expect(errors.map(({ extensions }) => extensions.code)).toEqual([
      'UPSTREAM_UNAVAILABLE',
      'UPSTREAM_UNAVAILABLE',
    ])
  })
})

describe('on a clock that goes on while Clever answers', () => {
  it('a parent is let in where facts may have no age', async () => {
    await using gateway = await startGateway({ ages: { decisionMs: 0 } })
    gateway.sandbox.faults.add({ path: `/users/${MIXED}`, delayMs: 20 })
    const { data } = await gateway.ask(`{ student(id: "${CHILD}") { id } }`, {}, guardian(MIXED))
    expect(data.student).toEqual({ id: CHILD })
  })

  it('facts that turn too old in the midst of a request are read again, and the parent is let in', async () => {
    await using gateway = await startGateway({ ages: { decisionMs: 100 } })
    // The own record is read in 120 ms: too old for the decision it was read for.
    gateway.sandbox.faults.add({ path: `/users/${MIXED}`, delayMs: 120, times: 1 })
    const { data } = await gateway.ask(`{ student(id: "${CHILD}") { id } }`, {}, guardian(MIXED))
    expect(data.student).toEqual({ id: CHILD })
  })
})

describe('an override that denies him the child', () => {
  const denial = {
    effect: 'DENY',
    student: CHILD,
    privileges: 'ALL',
    reason: 'court order',
    contact: { id: MIXED, name: 'Aaron Collins', email: 'aaron.collins@example.org' },
  }
  const overrides = createOverrides(overridesFile.parse({ overrides: [denial] }))

  it('denies by every path', async () => {
    await using family = await startFamily({ overrides: () => overrides })
    expect(await seenBy(family, MIXED)).toEqual(EVERY_PATH_TO(family, []))
    expect(await privilegesOf(family.gateway, MIXED)).toEqual(NOTHING_AT_ALL)
  })

  it('still denies when a corrected e-mail has given him another Clever id', async () => {
    let isInForce = false
    const none = createOverrides({ overrides: [] })
    await using family = await startFamily({ overrides: () => (isInForce ? overrides : none) })
    const now = family.gateway.sandbox.districts[0]?.correctEmail(MIXED, 'a.collins@example.com') ?? ''
    expect(now).not.toBe(MIXED)
    expect(await seenBy(family, now)).toEqual(EVERY_PATH_TO(family, [CHILD]))
    isInForce = true
    expect(await seenBy(family, now)).toEqual(EVERY_PATH_TO(family, []))
    expect(await privilegesOf(family.gateway, now)).toEqual(NOTHING_AT_ALL)
  })

  it('still denies when his school has given him an id of its own', async () => {
    await using family = await startFamily({ overrides: () => overrides })
    const now = family.gateway.sandbox.districts[0]?.assignSisId(MIXED, 'SIS-4711') ?? ''
    expect(now).not.toBe(MIXED)
    expect(await seenBy(family, now)).toEqual(EVERY_PATH_TO(family, []))
  })

  it('takes nothing from the mother', async () => {
    await using family = await startFamily({ overrides: () => overrides })
    const { viewer } = await privilegesOf(family.gateway, family.mother)
    expect(viewer).toEqual([{ studentId: CHILD, privileges: ALL_PRIVILEGES }])
  })
})
