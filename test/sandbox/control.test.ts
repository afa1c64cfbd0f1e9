import { expect, test } from 'vitest'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import { askSandbox, documented, firstDistrict } from './ask-clever.ts'

async function control(sandbox: Sandbox, method: string, path: string, body?: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(`${sandbox.url}/_sandbox${path}`, { method, ...(body ? { body: text } : {}) })
  return { status: response.status, body: await response.json() }
}

test('the overview lists the districts with their tokens, and what can be asked', async () => {
  const { sandbox } = await askSandbox()
  const { body } = await control(sandbox, 'GET', '')
  expect(body.districts).toMatchObject([
    { id: documented.district, token: firstDistrict(sandbox).token, students: 24 },
  ])
  expect(body.paths).toContain(`POST /_sandbox/districts/${documented.district}/sync`)
})

test('calls can be read and forgotten, and control itself is no call', async () => {
  const { get, sandbox } = await askSandbox()
  await get('/v3.0/me')
  expect((await control(sandbox, 'GET', '/calls')).body).toMatchObject({ count: 1, busiestWindow: 1 })
  expect((await control(sandbox, 'DELETE', '/calls')).status).toBe(200)
  expect(sandbox.calls.all()).toEqual([])
})

test('the number of calls can be read by the start of the path and by a pattern, without the calls', async () => {
  const { get, sandbox } = await askSandbox()
  for (const path of ['/v3.1/users?role=contact&limit=1', '/v3.1/users?role=student', '/v3.1/me'])
    await get(path)
  const count = async (query: string) => (await control(sandbox, 'GET', `/calls/count${query}`)).body
  expect(await count('')).toEqual({ count: 3, total: 3, busiestWindow: 3, highestConcurrency: 1 })
  expect(await count('?path=/v3.1/users')).toMatchObject({ count: 2, total: 3 })
  expect(await count('?pattern=role%3Dcontact')).toMatchObject({ count: 1, total: 3 })
  expect(await count('?pattern=^/v3\\.1/(me|schools)$')).toMatchObject({ count: 1, total: 3 })
  expect(await count('?path=/v3.1/users&pattern=student')).toMatchObject({ count: 1 })
  await control(sandbox, 'DELETE', '/calls')
  expect(await count('')).toMatchObject({ count: 0, total: 0, busiestWindow: 0 })
})

test('faults can be set by path or pattern, and cleared', async () => {
  const { get, sandbox } = await askSandbox()
  await control(sandbox, 'POST', '/faults', { path: '/v3.0/me', times: 1, status: 500 })
  await control(sandbox, 'POST', '/faults', { pattern: 'role=contact', status: 502, body: 'bad' })
  expect((await get('/v3.0/me')).status).toBe(500)
  expect((await get('/v3.0/users?role=contact')).text).toBe('bad')
  await control(sandbox, 'DELETE', '/faults')
  expect((await get('/v3.0/users?role=contact')).status).toBe(200)
})

test('a district can be changed and synced', async () => {
  const { sandbox } = await askSandbox()
  const district = firstDistrict(sandbox)
  const change = (name: string, body?: unknown) =>
    control(sandbox, 'POST', `/districts/${district.id}/${name}`, body)
  const email = 'a.collins@example.org'
  const { id } = (await change('correct-email', { contactId: documented.uncle, email })).body
  expect(district.roster.user(id)?.email).toBe(email)
  await change('end-relationship', { contactId: id, studentId: documented.son })
  await change('add-relationship', { contactId: id, studentId: documented.son, type: 'Other' })
  expect(district.roster.user(id)?.roles.contact?.student_relationships.at(-1)).toEqual({
    student: documented.son,
    type: 'Other',
  })
  expect((await change('rotate-token')).body).toEqual({ token: district.token })
  expect((await change('sync')).status).toBe(200)
})

test('many contacts of a district can be changed and removed, and its events switched', async () => {
  const { get, sandbox } = await askSandbox()
  const district = firstDistrict(sandbox)
  const change = (name: string, body?: unknown) =>
    control(sandbox, 'POST', `/districts/${district.id}/${name}`, body)
  const { length } = district.contacts
  expect((await change('change-contacts', { share: 0.5 })).body).toEqual({ changed: Math.round(length / 2) })
  expect((await change('remove-contacts', { share: 1 })).body).toEqual({ removed: length })
  expect(district.contacts).toEqual([])
  expect((await change('set-events', { state: 'off' })).status).toBe(200)
  expect((await get('/v3.0/events')).status).toBe(404)
  await change('set-events', { state: 'on' })
  expect((await get('/v3.0/events')).status).toBe(200)
})

const ofDistrict = `/districts/${documented.district}`

test.each([
  ['POST', '/faults', 'no JSON', 400, 'the body must be a JSON object'],
  ['POST', '/faults', { status: 500 }, 400, 'pattern must be the source of a regular expression'],
  ['POST', '/faults', { path: '.*' }, 400, 'path must be a path from /; pattern takes a regular expression'],
  ['POST', '/faults', { path: '/me', status: 'bad' }, 400, 'status must be a status from 200 to 599'],
  ['POST', '/faults', { path: '/me', constructor: 1 }, 400, 'a fault has no constructor'],
  ['POST', `/districts/${documented.district}/remove-contact`, {}, 400, 'contactId is missing'],
  ['POST', `/districts/${documented.district}/remove-contact`, { contactId: 'x' }, 404, 'no contact x'],
  ['POST', `${ofDistrict}/change-contacts`, { share: 2 }, 400, 'share must be a number from 0 to 1'],
  ['POST', `${ofDistrict}/remove-contacts`, {}, 400, 'share must be a number from 0 to 1'],
  ['POST', `${ofDistrict}/set-events`, { state: 'maybe' }, 400, 'state must be on or off'],
  ['GET', '/calls/count?pattern=(', undefined, 400, 'pattern must be the source of a regular expression'],
  ['GET', '/nothing', undefined, 404, 'no such path; GET /_sandbox lists them'],
] as const)('%s %s with %j is refused with %i: %s', async (method, path, input, status, message) => {
  const { sandbox } = await askSandbox()
  expect(await control(sandbox, method, path, input)).toEqual({ status, body: { message } })
})
