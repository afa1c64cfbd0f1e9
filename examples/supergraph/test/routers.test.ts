import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { AARON, DISTRICT, JONAH, NAOMI, THEO } from '../neighbors/family.ts'
import { ROUTERS } from '../supergraph.ts'
import type { SubgraphRequest } from './recorder.ts'
import { ABSENT_DAY, GATEWAY, type Viewer, World } from './world.ts'

const NO_ONE: Viewer = { token: undefined }

const NAMES = { [NAOMI]: 'Naomi H Whitfield', [THEO]: 'Theo B Whitfield', [JONAH]: 'Jonah S Collins' }

const STUDENTS = `{ absencesOn(day: "${ABSENT_DAY}") { student { id displayName absences { day } } } }`

/** The answer to STUDENTS in which these students have names. */
function students(names: Readonly<Record<string, string>>) {
  const day = ABSENT_DAY
  const absences = { [NAOMI]: [{ day: '2026-11-19' }, { day }], [THEO]: [{ day }], [JONAH]: [{ day }] }
  const each = Object.entries(absences)
  return {
    absencesOn: each.map(([id, absences]) => ({
      student: { id, displayName: names[id] ?? null, absences },
    })),
  }
}

/** Three neighbors lead to the gateway by four ways, and no way needs another. */
const FOUR_WAYS = `{
  absencesOn(day: "${ABSENT_DAY}") { student { displayName } }
  riders { nodes { grade } }
  messages { from { displayName } about { lastMessageAt relationship } }
}`

const LAST_MESSAGES = `{ contact(id: "${AARON}") { displayName relationships { studentId relationship lastMessageAt } } }`

function representationsIn({ variables }: SubgraphRequest): readonly unknown[] {
  return Object.values(variables).filter((value) => Array.isArray(value))
}

describe.each(ROUTERS)('behind the router "%s"', (router) => {
  let world: World
  beforeAll(async () => {
    world = await World.create(router)
  })
  beforeEach(() => world.recorder.clear())
  afterAll(() => world?.[Symbol.asyncDispose]())

  it('a step of the plan is one request, with all entities of that step', async () => {
    const { data, errors } = await world.ask(`{
      absencesOn(day: "${ABSENT_DAY}") {
        student { displayName relationships { relationship lastMessageAt contact { displayName } } }
      }
    }`)
    expect(errors).toEqual([])
    const relationships = [
      {
        relationship: 'PARENT',
        lastMessageAt: '2026-11-03T08:00:00Z',
        contact: { displayName: 'Aaron Collins' },
      },
      { relationship: 'PARENT', lastMessageAt: null, contact: { displayName: 'Simone Collins' } },
    ]
    expect(data).toEqual({
      absencesOn: [
        { student: expect.objectContaining({ displayName: NAMES[NAOMI] }) },
        { student: expect.objectContaining({ displayName: NAMES[THEO] }) },
        { student: { displayName: NAMES[JONAH], relationships } },
      ],
    })
    expect(world.recorder.counts()).toEqual({ attendance: 1, [GATEWAY]: 1, messaging: 1 })
    expect(world.recorder.requestsTo(GATEWAY).map(representationsIn)).toEqual([
      [[NAOMI, THEO, JONAH].map((id) => ({ __typename: 'Student', id }))],
    ])
  })

  it('steps side by side are aliases in one operation, or requests side by side', async () => {
    const { data, errors } = await world.ask(FOUR_WAYS)
    expect(errors).toEqual([])
    expect(data).toEqual({
      absencesOn: Object.values(NAMES).map((displayName) => ({ student: { displayName } })),
      riders: { nodes: [{ grade: '2' }, { grade: 'Kindergarten' }] },
      messages: [
        ['AUNT_UNCLE', '2026-11-01T08:00:00Z'],
        ['AUNT_UNCLE', '2026-11-02T08:00:00Z'],
        ['PARENT', '2026-11-03T08:00:00Z'],
      ].map(([relationship, lastMessageAt]) => ({
        from: { displayName: 'Aaron Collins' },
        about: { relationship, lastMessageAt },
      })),
    })
    const entitiesFields = world.recorder
      .requestsTo(GATEWAY)
      .map(({ query }) => [...query.matchAll(/\b_entities\(/g)].length)
    // Hive's planner merges the ways from one neighbor, that of Hive Router merges all ways, Apollo's merges none.
    const expected = { hive: [1, 1, 2], 'hive-router': [4], apollo: [1, 1, 1, 1] }
    expect(entitiesFields.toSorted()).toEqual(expected[router])
  })

  it('students are referred to by the key that the planner prefers', async () => {
    await world.ask('{ riders { nodes { displayName } } }')
    const district = router === 'hive' ? { districtId: DISTRICT } : {}
    expect(world.recorder.requestsTo(GATEWAY).map(representationsIn)).toEqual([
      [[NAOMI, JONAH].map((id) => ({ __typename: 'Student', id, ...district }))],
    ])
  })

  it('an entity to which a step leads twice is sent once, or found for both', async () => {
    const { data } = await world.ask('{ riders { nodes { absences { student { grade } } } } }')
    const grades = (...all: readonly string[]) => ({ absences: all.map((grade) => ({ student: { grade } })) })
    expect(data).toEqual({ riders: { nodes: [grades('2', '2'), grades('Kindergarten')] } })
    const sent = router === 'apollo' ? [NAOMI, NAOMI, JONAH] : [NAOMI, JONAH]
    expect(world.recorder.requestsTo(GATEWAY).map(representationsIn)).toEqual([
      [sent.map((id) => ({ __typename: 'Student', id }))],
    ])
  })

  it.each([
    ['no token', NO_ONE],
    ['a bad token', { token: 'e30.e30.e30' }],
  ])("%s leaves the neighbors' data alone", async (_what, viewer) => {
    const { status, data, errors } = await world.ask(STUDENTS, viewer)
    expect(status).toBe(200)
    expect(data).toEqual(students({}))
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['UNAUTHENTICATED']))
    const paths = {
      hive: [0, 1, 2].map((index) => ['absencesOn', index, 'student', 'displayName']),
      'hive-router': [['absencesOn', 'student']],
      apollo: [undefined],
    }
    expect(errors.map(({ path }) => path)).toEqual(paths[router])
    expect(JSON.stringify(errors)).not.toMatch(/127\.0\.0\.1|node_modules/)
  })

  it('a guardian sees the names that the gateway shows to a guardian', async () => {
    const { data, errors } = await world.ask(STUDENTS, 'guardian')
    expect(errors).toEqual([])
    expect(data).toEqual(students({ [JONAH]: NAMES[JONAH] ?? '' }))
  })

  it('viewers in flight at the same time share no answer', async () => {
    const query = `{ student(id: "${NAOMI}") { displayName } }`
    const viewers = ['guardian', 'service', 'guardian', 'service', 'student'] as const
    // Shared requests would wait here for ever.
    world.recorder.gather(GATEWAY, viewers.length)
    const answers = await Promise.all(viewers.map((viewer) => world.ask(query, viewer)))
    const [naomi, hidden] = [{ student: { displayName: NAMES[NAOMI] } }, { student: null }]
    expect(answers.map(({ data }) => data)).toEqual([hidden, naomi, hidden, naomi, hidden])
    const tokens = world.recorder.requestsTo(GATEWAY).map(({ headers }) => headers.authorization)
    expect(tokens.toSorted()).toEqual(viewers.map((viewer) => `Bearer ${world.tokenOf(viewer)}`).toSorted())
  })

  it.each([
    ['an answer', STUDENTS, 'service' as const],
    ['a partial answer', STUDENTS, NO_ONE],
    ['an answer of the gateway alone', LAST_MESSAGES, 'guardian' as const],
    ['an answer of a neighbor alone', `{ absencesOn(day: "${ABSENT_DAY}") { day } }`, 'service' as const],
    ['a refused query', '{ nothing }', 'service' as const],
  ])('%s is not for caches', async (_what, query, viewer) => {
    const { headers } = await world.ask(query, viewer)
    expect(headers.get('cache-control')).toBe('no-store')
  })

  it('the gateway answers the router alone, and the secret goes to no neighbor', async () => {
    await world.ask(FOUR_WAYS)
    const { errors } = await world.askDirectly(LAST_MESSAGES)
    expect(errors[0]?.extensions.code).toBe('FORBIDDEN')
    const knowSecret = Object.keys(world.recorder.counts()).filter((name) =>
      world.recorder.requestsTo(name).some(({ headers }) => 'x-router-secret' in headers),
    )
    expect(knowSecret).toEqual([GATEWAY])
  })

  describe('and with a gateway that has read nothing yet', () => {
    beforeEach(() => world.restartGateway())

    it('an error in one entity stays there', async () => {
      await world.sandbox('faults', { pattern: `/users/${THEO}$`, garble: true })
      const { data, errors } = await world.ask(STUDENTS)
      const { [THEO]: _unknown, ...names } = NAMES
      expect(data).toEqual(students(names))
      expect(errors.map(({ path, extensions }) => [path?.slice(0, 3), extensions.code])).toEqual([
        [['absencesOn', 1, 'student'], 'UPSTREAM_UNAVAILABLE'],
      ])
    })

    it("a contact with a neighbor's field on each relationship costs one call, and each student one", async () => {
      const { data } = await world.ask(LAST_MESSAGES)
      const relationships = [
        { studentId: NAOMI, relationship: 'AUNT_UNCLE', lastMessageAt: '2026-11-01T08:00:00Z' },
        { studentId: THEO, relationship: 'AUNT_UNCLE', lastMessageAt: '2026-11-02T08:00:00Z' },
        { studentId: JONAH, relationship: 'PARENT', lastMessageAt: '2026-11-03T08:00:00Z' },
      ]
      expect(data).toEqual({ contact: { displayName: 'Aaron Collins', relationships } })
      expect(await world.calls()).toEqual([AARON])
      await world.ask(STUDENTS)
      expect(await world.calls()).toEqual([AARON, NAOMI, THEO, JONAH].toSorted())
    })

    it('a record costs one call, however many ways lead to it', async () => {
      const { errors } = await world.ask(FOUR_WAYS)
      expect(errors).toEqual([])
      expect(await world.calls()).toEqual([AARON, NAOMI, THEO, JONAH].toSorted())
    })

    const CHANGES =
      'subscription { contactChanges { kind contact { displayName relationships { lastMessageAt } } } }'

    if (router !== 'apollo')
      it("a change arrives with a neighbor's fields, until the client closes", async () => {
        const stream = await world.subscribe(CHANGES)
        expect(stream.headers.get('cache-control')).toContain('no-store')
        await world.subscriptions(1)
        await world.sandbox(`districts/${DISTRICT}/end-relationship`, { contactId: AARON, studentId: NAOMI })
        await world.sandbox(`districts/${DISTRICT}/sync`, {})
        const relationships = ['2026-11-02', '2026-11-03'].map((day) => ({
          lastMessageAt: `${day}T08:00:00Z`,
        }))
        expect(await stream.next()).toEqual({
          data: {
            contactChanges: { kind: 'UPDATED', contact: { displayName: 'Aaron Collins', relationships } },
          },
        })
        expect(world.recorder.counts()).toEqual({ [GATEWAY]: 1, messaging: 1 })
        expect(world.recorder.requestsTo(GATEWAY)[0]?.method).toBe('POST')
        await stream[Symbol.asyncDispose]()
        await world.subscriptions(0)

        await using refused = await world.subscribe(CHANGES, NO_ONE)
        expect(await refused.next()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
      })

    if (router === 'apollo')
      it('a subscription is refused by the router', async () => {
        const { errors } = await world.ask(CHANGES)
        expect(errors).toHaveLength(1)
        expect(world.recorder.counts()).toEqual({})
      })
  })
})
