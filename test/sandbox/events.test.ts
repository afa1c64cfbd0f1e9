import { expect, test } from 'vitest'
import {
  type Answer,
  askSandbox,
  createClock,
  dayMs,
  documented,
  firstDistrict,
  ids,
  link,
} from './ask-clever.ts'

interface Told {
  id: string
  created: string
  type: string
  data: { object: Record<string, unknown> & { id: string }; previous_attributes?: unknown }
}

function told(answer: Answer): Told[] {
  return answer.body.data.map((item): Told => JSON.parse(JSON.stringify(item.data)))
}

const all = '/v3.0/events?limit=10000'

async function askSynced(change: (district: ReturnType<typeof firstDistrict>) => void) {
  const { get, sandbox } = await askSandbox()
  const district = firstDistrict(sandbox)
  const last = ids(await get('/v3.0/events?ending_before=last&limit=1'))[0]
  change(district)
  const before = told(await get(`${all}&starting_after=${last}`))
  district.sync()
  return { before, district, get, burst: told(await get(`${all}&starting_after=${last}`)) }
}

test('the feed starts with the burst of the last nightly sync, in the order of Clever', async () => {
  const { get, sandbox } = await askSandbox({ now: createClock('2026-03-26T18:00:00.000Z').now })
  const events = told(await get(all))
  const groups = events.map(({ type, data }) => [type, ...Object.keys(data.object.roles ?? {})].join(' '))
  expect([...new Set(groups)]).toEqual([
    'districts.updated',
    'schools.updated',
    'users.created student',
    'users.created teacher',
    'users.created staff',
    'users.created district_admin',
    'users.created contact',
  ])
  expect(events.filter(({ type }) => type === 'users.created')).toHaveLength(
    firstDistrict(sandbox).roster.users().length,
  )
  expect(events.map(({ id }) => id)).toEqual(events.map(({ id }) => id).toSorted())
  expect(events[0]?.data.object.last_sync).toBe('2026-03-26T08:08:34.367Z')
  expect(events[0]?.created).toBe('2026-03-26T08:09:40.000Z')
  expect(events[0]?.data.previous_attributes).toEqual({ last_sync: '2026-03-25T08:08:34.367Z' })
})

test('a contact in an event still has its fields of v2, a student no e-mail in the role', async () => {
  const { get } = await askSandbox()
  const events = told(await get(all))
  const object = (id: string) => events.find(({ data }) => data.object.id === id)?.data.object
  expect(object(documented.uncle)?.roles).toMatchObject({
    contact: {
      relationship: 'Aunt/Uncle',
      type: 'Family',
      students: [documented.niece, documented.nephew, documented.son],
    },
  })
  expect(object(documented.niece)).toHaveProperty('email')
  expect(object(documented.niece)).not.toHaveProperty('roles.student.email')
})

test('self has a stray question mark, and ending_before=last is the newest event', async () => {
  const { get } = await askSandbox()
  const oldest = await get('/v3.0/events')
  expect(link(oldest, 'self')).toBe('/v3.0/events?')
  const newest = await get('/v3.0/events?ending_before=last&limit=1')
  expect(ids(newest)).toEqual(ids(await get(all)).slice(-1))
  const [id] = ids(newest)
  expect((await get(`/v3.0/events/${id}`)).body.data).toEqual(newest.body.data[0]?.data)
})

test('events are filtered by several record types, and by school without districts and contacts', async () => {
  const { get } = await askSandbox()
  const typed = told(await get(`${all}&record_type=districts&record_type=schools`))
  expect(new Set(typed.map(({ type }) => type))).toEqual(new Set(['districts.updated', 'schools.updated']))
  const [school] = ids(await get('/v3.0/schools'))
  const ofSchool = told(await get(`${all}&school=${school}`))
  expect(ofSchool[0]?.data.object.id).toBe(school)
  expect(ofSchool.some(({ data }) => 'contact' in Object(data.object.roles))).toBe(false)
  expect(ofSchool.some(({ data }) => 'student' in Object(data.object.roles))).toBe(true)
})

test('after 30 days an event is gone, and a cursor that went with it is no error', async () => {
  const clock = createClock()
  const { get, sandbox } = await askSandbox({ now: clock.now })
  const [first] = ids(await get('/v3.0/events?limit=1'))
  clock.forward(29 * dayMs)
  expect(ids(await get('/v3.0/events?limit=1'))).toEqual([first])
  firstDistrict(sandbox).sync()
  clock.forward(2 * dayMs)
  const left = await get(`/v3.0/events?starting_after=${first}`)
  expect(told(left).map(({ type }) => type)).toEqual(['districts.updated'])
  expect((await get(`/v3.0/events/${first}`)).status).toBe(404)
})

test('a change is reported by the next sync, and not before', async () => {
  const { before, burst } = await askSynced((district) =>
    district.endRelationship(documented.uncle, documented.son),
  )
  expect(before).toEqual([])
  expect(burst.map(({ type }) => type)).toEqual(['districts.updated', 'users.updated'])
})

test('an update reports the old list of relationships beside the new object', async () => {
  const { burst } = await askSynced((district) => {
    district.endRelationship(documented.uncle, documented.niece)
    district.endRelationship(documented.uncle, documented.nephew)
  })
  expect(burst[1]?.data.object.roles).toMatchObject({ contact: { students: [documented.son] } })
  expect(burst[1]?.data.previous_attributes).toEqual({
    roles: {
      contact: {
        student_relationships: [
          { relationship: 'Aunt/Uncle', student: documented.niece, type: 'Family' },
          { relationship: 'Aunt/Uncle', student: documented.nephew, type: 'Family' },
          { relationship: 'Parent', student: documented.son, type: 'Parent/Guardian' },
        ],
      },
    },
  })
})

test('a corrected e-mail of a contact without SIS id is a new contact and a deleted one', async () => {
  let renamed = ''
  const { burst } = await askSynced((district) => {
    renamed = district.correctEmail(documented.uncle, 'a.collins@example.org')
  })
  expect(burst.slice(1).map(({ type, data }) => [type, data.object.id, data.object.email])).toEqual([
    ['users.created', renamed, 'a.collins@example.org'],
    ['users.deleted', documented.uncle, 'aaron.collins@example.org'],
  ])
  expect(burst.every(({ type, data }) => type.endsWith('updated') === 'previous_attributes' in data)).toBe(
    true,
  )
})

test('unsharing a student is a deletion, sharing it again before the sync is nothing', async () => {
  const gone = await askSynced((district) => district.unshareStudent(documented.son))
  expect(gone.burst.slice(1).map(({ type, data }) => [type, data.object.id])).toEqual([
    ['users.deleted', documented.son],
  ])
  const back = await askSynced((district) => {
    district.unshareStudent(documented.son)
    district.shareStudent(documented.son)
  })
  expect(back.burst.map(({ type }) => type)).toEqual(['districts.updated'])
})

test('a district that has not switched events on has none', async () => {
  const { get } = await askSandbox({ eventsEnabled: false })
  expect((await get('/v3.0/events')).status).toBe(404)
  expect((await get('/v3.0/users')).status).toBe(200)
})
