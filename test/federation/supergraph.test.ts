import { describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { CHILD, DISTRICT, MIXED, NEPHEW, NIECE, NOBODY } from './documented-family.ts'
import { lastMessages, messaging } from './neighbors/messaging.ts'
import { createNeighbor } from './neighbors/neighbor.ts'
import { createSupergraph, GATEWAY } from './supergraph.ts'

/** Knows that these students were absent; of each it only has the id. */
function attendance(studentIds: readonly string[]) {
  const absences = (id: string) => [{ day: '2026-11-20', student: { id } }]
  return createNeighbor('attendance', {
    query: {
      absencesOn: () =>
        studentIds.map((id) => ({ day: '2026-11-20', student: { id, absences: absences(id) } })),
    },
    entities: { Student: (id) => ({ absences: absences(id) }) },
  })
}

/** Knows who takes the bus, and the district too. */
function transport(riders: readonly { id: string; districtId: string }[]) {
  const pageInfo = { hasNextPage: false, hasPreviousPage: false }
  return createNeighbor('transport', { query: { riders: () => ({ pageInfo, nodes: riders }) } })
}

function nameOf(gateway: TestGateway, id: string): string {
  const { first, middle, last } =
    gateway.sandbox.districts.flatMap(({ roster }) => roster.user(id) ?? [])[0]?.name ?? {}
  return [first, middle, last].filter(Boolean).join(' ')
}

/** Sorted, as those of one request are under way side by side. */
function callsOf(gateway: TestGateway): readonly string[] {
  return gateway.sandbox.calls
    .all()
    .map(({ path }) => path.replace('/v3.1', ''))
    .toSorted()
}

describe("a neighbor's list of students", () => {
  it('costs one request to the gateway, and there one call for all students, however often listed', async () => {
    await using gateway = await startGateway({ sandbox: { students: 60 } })
    const ids = gateway.sandbox.districts.flatMap(({ students }) => students)
    const supergraph = await createSupergraph(gateway, [attendance([...ids, ...ids.slice(0, 5)])])

    const { data, errors } = await supergraph.ask(
      '{ absencesOn(day: "2026-11-20") { student { id displayName } } }',
    )
    const expected = [...ids, ...ids.slice(0, 5)].map((id) => ({
      student: { id, displayName: nameOf(gateway, id) },
    }))
    expect(errors).toEqual([])
    expect(data).toEqual({ absencesOn: expected })
    expect(ids.length).toBeGreaterThan(50)
    expect(supergraph.requestsTo(GATEWAY).map(({ representations }) => representations)).toEqual([
      ids.map((id) => ({ __typename: 'Student', id })),
    ])
    expect(callsOf(gateway)).toEqual(['/users'])
  })

  it("may take the gateway's students on to their contacts, and back to what the neighbor adds", async () => {
    await using gateway = await startGateway()
    const supergraph = await createSupergraph(gateway, [attendance([NIECE]), messaging(lastMessages)])
    const { data, errors } = await supergraph.ask(
      '{ absencesOn(day: "2026-11-20") { student { absences { day } relationships { contactId studentId relationship lastMessageAt } } } }',
    )
    expect(errors).toEqual([])
    expect(data).toMatchObject({
      absencesOn: [
        {
          student: {
            absences: [{ day: '2026-11-20' }],
            relationships: expect.arrayContaining([
              {
                contactId: MIXED,
                studentId: NIECE,
                relationship: 'AUNT_UNCLE',
                lastMessageAt: '2026-11-01T08:00:00Z',
              },
            ]),
          },
        },
      ],
    })
    expect(supergraph.requestsTo(GATEWAY)).toHaveLength(1)
    expect(callsOf(gateway)).toEqual([`/users/${NIECE}`, `/users/${NIECE}/mycontacts`])
  })

  it('is answered in full but for a student that Clever does not know, who is null without error', async () => {
    await using gateway = await startGateway()
    const supergraph = await createSupergraph(gateway, [attendance([NIECE, NOBODY, CHILD])])
    expect(
      await supergraph.ask(
        '{ absencesOn(day: "2026-11-20") { student { id displayName absences { day } } } }',
      ),
    ).toEqual({
      errors: [],
      data: {
        absencesOn: [
          { student: { id: NIECE, displayName: 'Naomi H Whitfield', absences: [{ day: '2026-11-20' }] } },
          { student: { id: NOBODY, displayName: null, absences: [{ day: '2026-11-20' }] } },
          { student: { id: CHILD, displayName: nameOf(gateway, CHILD), absences: [{ day: '2026-11-20' }] } },
        ],
      },
    })
  })

  it('is answered in full but for a student about whom Clever fails, who is null with the reason', async () => {
    await using gateway = await startGateway()
    gateway.sandbox.faults.add({ path: `/users/${NEPHEW}`, status: 200, body: '{}' })
    const supergraph = await createSupergraph(gateway, [attendance([NIECE, NEPHEW, CHILD])])
    const { data, errors } = await supergraph.ask(
      '{ absencesOn(day: "2026-11-20") { student { displayName } } }',
    )
    expect(data).toEqual({
      absencesOn: [
        { student: { displayName: nameOf(gateway, NIECE) } },
        { student: { displayName: null } },
        { student: { displayName: nameOf(gateway, CHILD) } },
      ],
    })
    expect(errors).toMatchObject([
      {
        path: ['absencesOn', 1, 'student', 'displayName'],
        extensions: { code: 'UPSTREAM_INVALID_RESPONSE' },
      },
    ])
    expect(callsOf(gateway)).toEqual([NIECE, NEPHEW, CHILD].map((id) => `/users/${id}`).toSorted())
  })
})

describe('a list of a neighbor that is never null, of students that are never null', () => {
  const EVERYTHING = `{ riders { nodes { id displayName name { first } email { raw } grade schoolIds createdAt
    schools { name } relationships { contactId relationship type privileges contact { displayName } } } } }`

  it('keeps each student and each of the others whole, if Clever does not know one and fails for one', async () => {
    await using gateway = await startGateway()
    gateway.sandbox.faults.add({ path: `/users/${NEPHEW}`, status: 200, body: '{}' })
    const students = [NIECE, NOBODY, NEPHEW, CHILD].map((id) => ({ id, districtId: DISTRICT }))
    const supergraph = await createSupergraph(gateway, [transport(students)])
    const { data, errors = [] } = await supergraph.ask(EVERYTHING)
    const nodes = (data as { riders: { nodes: Record<string, unknown>[] } }).riders.nodes
    expect(nodes.map(({ id }) => id)).toEqual([NIECE, NOBODY, NEPHEW, CHILD])
    for (const hidden of [nodes[1], nodes[2]]) {
      const { id: _, ...ours } = hidden ?? {}
      expect(new Set(Object.values(ours))).toEqual(new Set([null]))
    }
    for (const shown of [nodes[0], nodes[3]])
      expect(shown).toMatchObject({
        displayName: expect.any(String),
        name: expect.anything(),
        schoolIds: expect.any(Array),
        relationships: expect.arrayContaining([expect.objectContaining({ privileges: expect.any(Array) })]),
      })
    expect(errors.length).toBeGreaterThan(0)
    for (const { path, extensions } of errors) {
      expect(path?.slice(0, 2)).toEqual(['riders', 'nodes'])
      expect(extensions?.code).toBe('UPSTREAM_INVALID_RESPONSE')
    }
  })
})

describe('a contact with different relationships to different students', () => {
  it("has what the neighbor says of each pair on that pair, for one of Clever's calls", async () => {
    await using gateway = await startGateway()
    const supergraph = await createSupergraph(gateway, [messaging(lastMessages)])
    expect(
      await supergraph.ask(
        `{ contact(id: "${MIXED}") { displayName relationships { studentId relationship lastMessageAt } } }`,
      ),
    ).toEqual({
      errors: [],
      data: {
        contact: {
          displayName: 'Aaron Collins',
          relationships: [
            { studentId: NIECE, relationship: 'AUNT_UNCLE', lastMessageAt: '2026-11-01T08:00:00Z' },
            { studentId: NEPHEW, relationship: 'AUNT_UNCLE', lastMessageAt: '2026-11-02T08:00:00Z' },
            { studentId: CHILD, relationship: 'PARENT', lastMessageAt: '2026-11-03T08:00:00Z' },
          ],
        },
      },
    })
    expect(supergraph.requestsTo(GATEWAY)).toHaveLength(1)
    expect(supergraph.requestsTo('messaging').map(({ representations }) => representations)).toEqual([
      [...lastMessages.keys()].map((id) => ({ __typename: 'StudentRelationship', id })),
    ])
    expect(callsOf(gateway)).toEqual([`/users/${MIXED}`])
  })

  it('is the right thing to each student, coming from the neighbor by the ids it has kept', async () => {
    await using gateway = await startGateway()
    const supergraph = await createSupergraph(gateway, [messaging(lastMessages)])
    const from = { displayName: 'Aaron Collins' }
    expect(
      await supergraph.ask(
        '{ messages { from { displayName } about { lastMessageAt relationship student { displayName } } } }',
      ),
    ).toEqual({
      errors: [],
      data: {
        messages: [
          [NIECE, 'AUNT_UNCLE', '2026-11-01T08:00:00Z'] as const,
          [NEPHEW, 'AUNT_UNCLE', '2026-11-02T08:00:00Z'] as const,
          [CHILD, 'PARENT', '2026-11-03T08:00:00Z'] as const,
        ].map(([id, relationship, lastMessageAt]) => ({
          from,
          about: { lastMessageAt, relationship, student: { displayName: nameOf(gateway, id) } },
        })),
      },
    })
  })
})

describe('a student referred to in one of several districts', () => {
  const riders = async (gateway: TestGateway, ofEach = 3) => {
    const students = gateway.sandbox.districts.flatMap(({ id: districtId, students }) =>
      students.slice(0, ofEach).map((id) => ({ id, districtId })),
    )
    const ids = students.map(({ id }) => id)
    const supergraph = await createSupergraph(gateway, [transport(students), attendance(ids)])
    return { students, supergraph }
  }

  it('costs one call where the neighbor names the district', async () => {
    await using gateway = await startGateway({ sandbox: { districts: 2 } })
    const { students, supergraph } = await riders(gateway)
    const { data, errors } = await supergraph.ask('{ riders { nodes { displayName } } }')
    expect(errors).toEqual([])
    expect(data).toEqual({
      riders: { nodes: students.map(({ id }) => ({ displayName: nameOf(gateway, id) })) },
    })
    expect(supergraph.requestsTo(GATEWAY).map(({ representations }) => representations)).toEqual([
      students.map((student) => ({ __typename: 'Student', ...student })),
    ])
    const calls = gateway.sandbox.calls.all()
    expect(calls.map(({ path, districtId }) => `${districtId} ${path}`).toSorted()).toEqual(
      students.map(({ id, districtId }) => `${districtId} /v3.1/users/${id}`).toSorted(),
    )
  })

  it('costs a call to each district where the neighbor has only the id', async () => {
    await using gateway = await startGateway({ sandbox: { districts: 2 } })
    const { students, supergraph } = await riders(gateway)
    const { data, errors } = await supergraph.ask(
      '{ absencesOn(day: "2026-11-20") { student { displayName districtId } } }',
    )
    expect(errors).toEqual([])
    expect(data).toEqual({
      absencesOn: students.map(({ id, districtId }) => ({
        student: { displayName: nameOf(gateway, id), districtId },
      })),
    })
    expect(supergraph.requestsTo(GATEWAY)).toHaveLength(1)
    expect(gateway.sandbox.calls.count()).toBe(2 * students.length)
    for (const { id } of students) expect(gateway.sandbox.calls.count(`/v3.1/users/${id}`)).toBe(2)
  })

  it('costs no more calls to each district where there are many of them', async () => {
    await using gateway = await startGateway({ sandbox: { students: 60, districts: 2 } })
    const { students, supergraph } = await riders(gateway, 50)
    const { data, errors } = await supergraph.ask(
      '{ absencesOn(day: "2026-11-20") { student { displayName districtId } } }',
    )
    expect(errors).toEqual([])
    expect(data).toEqual({
      absencesOn: students.map(({ id, districtId }) => ({
        student: { displayName: nameOf(gateway, id), districtId },
      })),
    })
    const districts = gateway.sandbox.districts.map(({ id }) => id)
    expect(new Set(students.map(({ districtId }) => districtId))).toEqual(new Set(districts))
    expect(gateway.sandbox.calls.all().map(({ districtId, path }) => [districtId, path])).toEqual(
      districts.map((id) => [id, '/v3.1/users']),
    )
  })
})
