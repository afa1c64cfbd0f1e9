import { expect, test } from 'vitest'
import { askSandbox, firstDistrict } from './ask-clever.ts'

test('a fault hits as often as it says, and counts as a call', async () => {
  const { get, sandbox } = await askSandbox()
  sandbox.faults.add({
    path: '/users',
    times: 2,
    status: 503,
    headers: { 'retry-after': '1' },
    body: 'overloaded',
  })
  const failed = await get('/v3.1/users')
  expect([failed.status, failed.text, failed.headers.get('retry-after')]).toEqual([503, 'overloaded', '1'])
  expect(failed.headers.get('x-ratelimit-remaining')).toBe('1199')
  expect((await get('/v3.0/users/nobody')).status).toBe(404)
  expect((await get('/v3.0/users')).status).toBe(503)
  expect((await get('/v3.0/users')).status).toBe(200)
  expect(sandbox.calls.all().map(({ status }) => status)).toEqual([503, 404, 503, 200])
})

test('an expression sees the query too', async () => {
  const { get, sandbox } = await askSandbox()
  sandbox.faults.add({ path: /role=contact.*starting_after/, status: 500 })
  expect((await get('/v3.0/users?role=contact')).status).toBe(200)
  expect((await get('/v3.0/users?role=contact&starting_after=0')).status).toBe(500)
})

test('a fault lasts until it is removed, or all are', async () => {
  const { get, sandbox } = await askSandbox()
  const remove = sandbox.faults.add({ path: '/v3.0/me', status: 500 })
  sandbox.faults.add({ path: '/v3.0/schools', status: 502 })
  remove()
  expect((await get('/v3.0/me')).status).toBe(200)
  expect((await get('/v3.0/schools')).status).toBe(502)
  sandbox.faults.clear()
  expect((await get('/v3.0/schools')).status).toBe(200)
})

test('a refused call does not use a fault up', async () => {
  const { get, sandbox } = await askSandbox({ requestsPerMinute: 1 })
  await get('/v3.0/me')
  sandbox.faults.add({ path: '/v3.0/me', times: 1, status: 500 })
  expect((await get('/v3.0/me')).status).toBe(429)
})

test('a connection can be cut before the headers or within the body', async () => {
  const { get, sandbox } = await askSandbox()
  sandbox.faults.add({ path: '/me', times: 1, cut: 'before-headers' })
  await expect(get('/v3.0/me')).rejects.toThrow('fetch failed')
  sandbox.faults.add({ path: '/me', times: 1, cut: 'mid-body' })
  await expect(get('/v3.0/me')).rejects.toThrow('terminated')
  expect(sandbox.calls.all().map(({ status }) => status)).toEqual([0, 200])
})

test('garbled JSON comes whole and with status 200', async () => {
  const { get, sandbox } = await askSandbox()
  sandbox.faults.add({ path: '/users', garble: true })
  await expect(get('/v3.0/users')).rejects.toThrow(SyntaxError)
})

test('a stalled body starts and does not end', async () => {
  const { sandbox } = await askSandbox()
  sandbox.faults.add({ path: '/me', stall: 'mid-body' })
  const headers = { authorization: `Bearer ${firstDistrict(sandbox).token}` }
  const response = await fetch(`${sandbox.url}/v3.0/me`, { headers })
  const reader = response.body?.getReader()
  expect((await reader?.read())?.value?.length).toBeGreaterThan(0)
  const rest = reader?.read().catch(() => 'closed with the sandbox')
  await sandbox.close()
  expect(await rest).toBe('closed with the sandbox')
})
