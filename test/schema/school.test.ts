import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { castIn, principalsOf } from '../access/grid-cast.ts'
import { callerOf } from '../fetch/counting-clever.ts'
import { createImpatientClock } from '../http/impatient-clock.ts'
import { disclosedIn } from '../support/audited.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { guardian, SERVICE, startGateway, type TestGateway } from '../support/gateway.ts'
import { startKeeping } from '../sync/syncing.ts'

const PAGE = '{ students(first: 100) { nodes { id schoolId school { id name districtId } schools { id } } } }'
const DISTRICT = 'query ($id: ID!) { district(id: $id) { schools { id name } } }'
const STUDENT = 'query ($id: ID!) { student(id: $id) { schoolId school { id name } schools { id } } }'
const ENTITY = `query ($id: String!, $districtId: String) {
  _entities(representations: [{ __typename: "School", id: $id, districtId: $districtId }]) { ... on School { id name } }
}`
const SCHOOLS = '/schools?limit=10000'

const schoolCalls = (calls: readonly string[]) => calls.filter((call) => call.startsWith('/schools?'))

const districtOf = (gateway: TestGateway) => gateway.sandbox.districts[0] ?? expect.unreachable()

function studentOf(gateway: TestGateway) {
  const { roster } = districtOf(gateway)
  const student = roster.users('student')[0] ?? expect.unreachable()
  const school = roster.schools.find(({ id }) => id === student.roles.student?.school) ?? expect.unreachable()
  return { id: student.id, school }
}

describe('the schools of a district', () => {
  it('cost one call for a page of 100 students, and none while they are known', async () => {
    await using gateway = await startGateway({ sandbox: { students: 130 } })
    const { roster } = districtOf(gateway)
    const { data, errors, calls } = await gateway.ask(PAGE)
    expect(errors).toEqual([])
    expect(schoolCalls(calls)).toEqual([SCHOOLS])
    expect(calls).toHaveLength(2)
    const names = new Map(roster.schools.map(({ id, name }) => [id, name]))
    expect(data.students.nodes).toHaveLength(100)
    for (const { id, schoolId, school, schools } of data.students.nodes) {
      const role = roster.user(id)?.roles.student
      expect(schoolId).toBe(role?.school)
      expect(school).toEqual({ id: schoolId, name: names.get(schoolId), districtId: districtOf(gateway).id })
      expect(schools.map((each: { id: string }) => each.id)).toEqual(role?.schools)
    }
    expect((await gateway.ask(PAGE)).calls).toEqual([])
    expect((await gateway.ask(DISTRICT, { id: districtOf(gateway).id })).calls).toEqual([
      expect.stringContaining('/districts/'),
    ])
  })

  it('are one call for two requests at the same time', async () => {
    await using gateway = await startGateway()
    const { id } = studentOf(gateway)
    const before = gateway.sandbox.calls.all().length
    await Promise.all([gateway.ask(STUDENT, { id }), gateway.ask(PAGE)])
    const calls = gateway.sandbox.calls.all().slice(before)
    expect(calls.filter(({ path }) => path.endsWith('/schools'))).toHaveLength(1)
  })

  it('come in ascending order of id, from all pages that Clever has', async () => {
    await using gateway = await startGateway({ sandbox: { students: 1_400, maxRows: 2 } })
    const { id, roster } = districtOf(gateway)
    expect(roster.schools.length).toBeGreaterThan(3)
    const { data, errors, calls } = await gateway.ask(DISTRICT, { id })
    expect(errors).toEqual([])
    expect(data.district.schools).toEqual(
      roster.schools.map((school) => ({ id: school.id, name: school.name })),
    )
    expect(schoolCalls(calls).length).toBeGreaterThanOrEqual(roster.schools.length / 2)
    expect(schoolCalls((await gateway.ask(DISTRICT, { id })).calls)).toEqual([])
  })

  it('are read again when they are older than what may be shown', async () => {
    const clock = createFakeClock()
    await using gateway = await startGateway({ clock, sandbox: { now: clock.now } })
    const { id } = studentOf(gateway)
    const ask = async () => schoolCalls((await gateway.ask(STUDENT, { id }, { ...SERVICE })).calls)
    expect(await ask()).toEqual([SCHOOLS])
    await clock.advance(299_000)
    expect(await ask()).toEqual([])
    await clock.advance(2_000)
    expect(await ask()).toEqual([SCHOOLS])
  })

  it('are read once for each request where nothing may be kept', async () => {
    await using gateway = await startGateway({ ages: { displayMs: 0 } })
    for (const _ of [1, 2]) {
      const { data, errors, calls } = await gateway.ask(PAGE)
      expect(errors).toEqual([])
      expect(data.students.nodes[0].school.name).toEqual(expect.any(String))
      expect(schoolCalls(calls)).toEqual([SCHOOLS])
    }
  })

  it('are forgotten with everything else when the district takes its consent back', async () => {
    await using gateway = await startGateway()
    const { id } = studentOf(gateway)
    await gateway.ask(STUDENT, { id })
    gateway.sandbox.faults.add({ path: /./, status: 401 })
    await gateway.ask('{ districts { name } contacts(first: 1) { totalCount nodes { id } } }')
    const { data } = await gateway.ask(STUDENT, { id })
    expect(data.student?.school ?? null).toBe(null)
  })
})

describe('a school', () => {
  it('that the district does not share is null and left out, while its id is there', async () => {
    await using gateway = await startGateway()
    const { id, school } = studentOf(gateway)
    const others = districtOf(gateway).roster.schools.filter((each) => each.id !== school.id)
    const body = JSON.stringify({
      data: others.map((data) => ({ data })),
      links: [{ rel: 'self', uri: '/' }],
    })
    gateway.sandbox.faults.add({ path: '/schools', body })
    const { data, errors } = await gateway.ask(STUDENT, { id })
    expect(errors).toEqual([])
    expect(data.student).toEqual({ schoolId: school.id, school: null, schools: [] })
  })

  it('without a readable id is skipped and counted, and one without a name has none', async () => {
    await using gateway = await startGateway()
    const { id, school } = studentOf(gateway)
    const data = [
      { data: { id: school.id, name: ' ' } },
      { data: { id: 7, name: 'No Id' } },
      { data: 'text' },
    ]
    gateway.sandbox.faults.add({ path: '/schools', body: JSON.stringify({ data, links: [] }) })
    const { data: found, errors } = await gateway.ask(DISTRICT, { id: districtOf(gateway).id })
    expect(errors).toEqual([])
    expect(found.district.schools).toEqual([{ id: school.id, name: null }])
    expect((await gateway.ask(STUDENT, { id })).data.student.school).toEqual({ id: school.id, name: null })
    expect(await gateway.metrics.registry.metrics()).toContain(
      'clever_records_set_aside_total{route="/schools"} 2',
    )
  })
})

describe('while Clever fails', () => {
  it('known schools are shown as stale, and unknown ones are null beside the students', async () => {
    const clock = createImpatientClock()
    await using gateway = await startGateway({ clock, sandbox: { now: clock.now } })
    const { id, school } = studentOf(gateway)
    const known = await gateway.ask(STUDENT, { id }, { ...SERVICE })
    clock.advance(600_000)
    gateway.sandbox.faults.add({ path: /./, status: 503 })
    const stale = await gateway.ask(STUDENT, { id }, { ...SERVICE })
    expect(stale.errors).toEqual([])
    expect(stale.data).toEqual(known.data)
    expect(stale.extensions?.freshness?.isStale).toBe(true)

    gateway.sandbox.faults.clear()
    gateway.forget()
    gateway.sandbox.faults.add({ path: '/schools', status: 503 })
    const { data, errors } = await gateway.ask(STUDENT, { id }, { ...SERVICE })
    expect(data.student).toEqual({ schoolId: school.id, school: null, schools: null })
    expect(errors.map(({ extensions }) => extensions.code)).toEqual([
      'UPSTREAM_UNAVAILABLE',
      'UPSTREAM_UNAVAILABLE',
    ])
  })

  it('a token without the scope for schools gets an error there, and all else is answered', async () => {
    await using gateway = await startGateway()
    const { id, school } = studentOf(gateway)
    for (const status of [403, 404]) {
      gateway.forget()
      const heal = gateway.sandbox.faults.add({ path: '/schools', status })
      const { data, errors } = await gateway.ask(
        'query ($id: ID!) { student(id: $id) { schoolId school { id } } }',
        {
          id,
        },
      )
      heal()
      expect(data.student).toEqual({ schoolId: school.id, school: null })
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UPSTREAM_FORBIDDEN'])
    }
  })

  it('the call counts against the calls that one request may cost', async () => {
    await using gateway = await startGateway({ maxCalls: 1 })
    const { id } = studentOf(gateway)
    const { data, errors } = await gateway.ask('query ($id: ID!) { student(id: $id) { id school { id } } }', {
      id,
    })
    expect(data.student).toEqual({ id, school: null })
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['TOO_MANY_CALLS'])
  })
})

describe('each kind of viewer', () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startGateway({ sandbox: { districts: 2 }, clock: createFakeClock() })
  })
  afterAll(() => gateway[Symbol.asyncDispose]())

  it('sees the schools of the students that it may see, and those of a district only as a viewer of all students', async () => {
    const cast = { ...castIn(gateway), relationship: '' }
    const { roster } = districtOf(gateway)
    const schoolOf = (id: string) => roster.user(id)?.roles.student?.school ?? ''
    const [own, foreign] = [schoolOf(cast.target), schoolOf(cast.bystander)]
    const all = roster.schools.map(({ id }) => ({ id }))
    const seen: string[] = []
    for (const { who, claims, level } of principalsOf(gateway, cast)) {
      gateway.forget()
      const seesAll = level === 'WHOLE' || level === 'STUDENTS'
      const listed = await gateway.ask(
        'query ($id: ID!) { district(id: $id) { schools { id } } }',
        { id: cast.district },
        claims,
      )
      expect(listed.data.district?.schools ?? null, who).toEqual(seesAll ? all : null)
      if (!seesAll) expect(schoolCalls(listed.calls), who).toEqual([])

      const { data } = await gateway.ask(
        `{ students(first: 100, districtId: "${cast.district}") { nodes { schools { id } } } }`,
        {},
        claims,
      )
      const visible: string[] = (data.students?.nodes ?? []).flatMap(
        (student: { schools: { id: string }[] }) => student.schools.map(({ id }) => id),
      )
      for (const id of [own, foreign]) {
        gateway.forget()
        const { data, errors, calls } = await gateway.ask(ENTITY, { id, districtId: cast.district }, claims)
        expect(errors, who).toEqual([])
        const isSeen = seesAll || visible.includes(id)
        expect(data._entities, who).toEqual([isSeen ? expect.objectContaining({ id }) : null])
        if (!isSeen) expect(schoolCalls(calls), who).toEqual([])
        seen.push(`${level} ${isSeen}`)
      }
    }
    expect(new Set(seen)).toEqual(
      new Set([
        'WHOLE true',
        'STUDENTS true',
        'CONTACTS false',
        'NONE false',
        'NONE true',
        'ELSEWHERE false',
        'FULL true',
        'FULL false',
        'SELF true',
        'SELF false',
      ]),
    )
  })

  it('who is a guardian sees the school of the own student as an entity, with that student in the audit', async () => {
    const { mother, target, bystander, district } = castIn(gateway)
    const schoolOf = (id: string) => districtOf(gateway).roster.user(id)?.roles.student?.school
    const before = gateway.audited.length
    const own = await gateway.ask(ENTITY, { id: schoolOf(target) }, guardian(mother))
    expect(own.data._entities).toEqual([{ id: schoolOf(target), name: expect.any(String) }])
    expect(disclosedIn(gateway.audited.slice(before)).map(({ studentId }) => studentId)).toEqual([target])
    const other = { id: schoolOf(bystander), districtId: district }
    expect((await gateway.ask(ENTITY, other, guardian(mother))).data._entities).toEqual([null])
    expect(gateway.audited).toHaveLength(before + 1)
  })
})

describe('in a district that is kept ready', () => {
  it('schools that a request asked for are read again in the background, and no others', async () => {
    await using keeping = await startKeeping()
    const { store, district, sandbox } = keeping
    const calls = () => sandbox.calls.all().filter(({ path }) => path.endsWith('/schools')).length
    await keeping.turn()
    expect(calls()).toBe(0)
    await district.reader.schools(callerOf(keeping.clock, 10), 0)
    expect(calls()).toBe(1)
    await keeping.later(200_000)
    expect(calls()).toBe(1)
    await keeping.later(60_000)
    expect(calls()).toBe(2)
    expect(store.schools(keeping.clock.now() - 10_000)?.value.size).toBe(keeping.roster.roster.schools.length)

    sandbox.faults.add({ path: '/schools', status: 403 })
    await keeping.later(260_000)
    expect(calls()).toBeGreaterThan(2)
    expect(store.schools(0)).toBeDefined()
    expect(store.size('student')).toBeGreaterThan(0)
  })
})
