import { expect, test } from 'vitest'
import { ask, askSandbox, documented, firstDistrict, ids, link } from './ask-clever.ts'

test('the contact of the documentation is uncle of two siblings and father of a third student', async () => {
  const { get } = await askSandbox()
  const { body } = await get(`/v3.0/users/${documented.uncle}`)
  expect(body.data).toEqual({
    created: '2022-11-28T18:46:36.819Z',
    district: documented.district,
    email: 'aaron.collins@example.org',
    last_modified: '2024-11-04T21:05:06.631Z',
    name: { last: 'Aaron Collins' },
    id: documented.uncle,
    roles: {
      contact: {
        phone: '1-(330) 280-1898',
        phone_type: 'Other',
        sis_id: '',
        student_relationships: [
          { relationship: 'Aunt/Uncle', student: documented.niece, type: 'Family' },
          { relationship: 'Aunt/Uncle', student: documented.nephew, type: 'Family' },
          { relationship: 'Parent', student: documented.son, type: 'Parent/Guardian' },
        ],
        legacy_id: '63850203bfb8460546071e7e',
      },
    },
  })
})

test('each of those three students has further contacts', async () => {
  const { get } = await askSandbox()
  for (const student of [documented.niece, documented.nephew, documented.son]) {
    const contacts = ids(await get(`/v3.0/users/${student}/mycontacts`))
    expect(contacts).toContain(documented.uncle)
    expect(contacts.length).toBeGreaterThan(1)
  }
})

test('contacts are found from their students and students from their contacts and teachers', async () => {
  const { get, sandbox } = await askSandbox()
  const { roster } = firstDistrict(sandbox)
  for (const contact of roster.users('contact')) {
    for (const student of roster.studentsOf(contact.id)) {
      expect(roster.contactsOf(student.id)).toContain(contact)
    }
  }
  const [teacher] = await get(`/v3.0/users/${documented.son}/myteachers`).then(ids)
  expect(ids(await get(`/v3.0/users/${teacher}/MYSTUDENTS`))).toContain(documented.son)
})

test('links are in camelCase and carry the version asked for, and every case of a path has a route', async () => {
  const { get } = await askSandbox()
  const student = await get(`/V3.1/USERS/${documented.niece}`)
  expect(student.body.links.map(({ rel }) => rel)).toEqual([
    'self',
    'district',
    'sections',
    'myContacts',
    'myTeachers',
    'schools',
  ])
  expect(link(student, 'myContacts')).toBe(`/v3.1/users/${documented.niece}/myContacts`)
  const bySpelling = await Promise.all(
    ['myContacts', 'mycontacts', 'MyContacts/'].map((name) => get(`/v3.0/users/${documented.niece}/${name}`)),
  )
  expect(new Set(bySpelling.map(({ body }) => JSON.stringify(body.data))).size).toBe(1)
})

test('a district asked for through a user names itself in its self link', async () => {
  const { get } = await askSandbox()
  const answer = await get(`/v3.0/users/${documented.uncle}/district`)
  expect(link(answer, 'self')).toBe(`/v3.0/districts/${documented.district}`)
  expect((await get('/v3.0/districts')).body.data).toHaveLength(1)
})

test('contacts are in no school, and asking a school for them is an error', async () => {
  const { get } = await askSandbox()
  const [school] = ids(await get('/v3.0/schools'))
  const everyone = (await get(`/v3.0/schools/${school}/users`)).body.data
  expect(everyone.some(({ data }) => data.roles.contact)).toBe(false)
  expect((await get(`/v3.0/schools/${school}/users?role=contact`)).status).toBe(400)
  const students = (await get(`/v3.0/schools/${school}/users?role=student`)).body.data
  expect(students.every(({ data }) => data.roles.student?.school === school)).toBe(true)
})

test('the five roles are listed apart and together', async () => {
  const { get } = await askSandbox()
  const roles = ['student', 'teacher', 'staff', 'district_admin', 'contact']
  const lists = await Promise.all(roles.map((role) => get(`/v3.0/users?role=${role}`)))
  expect(lists.every(({ body }) => body.data.length > 0)).toBe(true)
  expect(lists.flatMap(ids).toSorted()).toEqual(ids(await get('/v3.0/users')))
})

test('teachers and contacts have a legacy id, which no path accepts, and students have none', async () => {
  const { get } = await askSandbox()
  const { body } = await get('/v3.0/users')
  for (const { data } of body.data) {
    const role = data.roles.contact ?? data.roles.teacher
    if (role) expect((await get(`/v3.0/users/${role.legacy_id}`)).status).toBe(404)
    expect(data.roles.student ?? {}).not.toHaveProperty('legacy_id')
  }
})

test('what is not there is a JSON 404, and a path that Clever does not have is an HTML one', async () => {
  const { get, sandbox } = await askSandbox()
  expect((await get(`/v3.0/users/${documented.district}`)).text).toBe('{"message":"Resource not found"}')
  expect((await get(`/v3.0/users/${documented.uncle}/mycontacts`)).status).toBe(404)
  const page = await get('/v3.0/guardians?limit=1')
  expect(page.status).toBe(404)
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(page.text).toContain('<pre>Cannot GET /v3.0/guardians</pre>')
  const post = await fetch(`${sandbox.url}/v3.0/users`, { method: 'POST' })
  expect(await post.text()).toContain('<pre>Cannot POST /v3.0/users</pre>')
})

test('a token opens its own district only, and an unknown one opens nothing', async () => {
  const { get, sandbox } = await askSandbox({ districts: 2 })
  const other = sandbox.districts[1]?.token ?? ''
  expect((await get(`/v3.0/users/${documented.uncle}`, other)).status).toBe(404)
  expect((await get(`/v3.0/districts/${documented.district}`, other)).status).toBe(404)
  expect((await get('/v3.0/users', 'nobody')).status).toBe(401)
  expect((await ask(sandbox, '/v3.0/users', '')).status).toBe(401)
})

test('answers carry the headers of Clever', async () => {
  const { get } = await askSandbox()
  const { headers } = await get('/v3.0/me')
  expect(headers.get('server')).toBe('envoy')
  expect(headers.get('x-powered-by')).toBe('Express')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('etag')).toMatch(/^W\/"[0-9a-f]+-[\w+/]{22}"$/)
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  expect((await get('/v3.0/events')).headers.get('clever-request-id')).toMatch(/^[0-9a-f]{32}$/)
})
