import { expect, test } from 'vitest'
import { askSandbox, createClock, documented, secondMs } from './ask-clever.ts'

test('the log shows what Clever got, and never a token', async () => {
  const clock = createClock()
  const { get, sandbox } = await askSandbox({ now: clock.now })
  await get('/v3.0/users?role=contact&limit=1')
  await get('/v3.0/users/nobody', 'a-wrong-token')
  const at = clock.now()
  expect(sandbox.calls.all()).toEqual([
    {
      method: 'GET',
      path: '/v3.0/users',
      query: 'role=contact&limit=1',
      districtId: documented.district,
      status: 200,
      at,
    },
    { method: 'GET', path: '/v3.0/users/nobody', query: '', districtId: undefined, status: 401, at },
  ])
})

test('calls are counted by the start of their path or by an expression, until a reset', async () => {
  const { get, sandbox } = await askSandbox()
  await Promise.all(
    ['/v3.0/users', `/v3.0/users/${documented.son}/mycontacts`, '/v3.0/schools'].map((p) => get(p)),
  )
  expect(sandbox.calls.count()).toBe(3)
  expect(sandbox.calls.count('/v3.0/users')).toBe(2)
  expect(sandbox.calls.count(/mycontacts$/g)).toBe(1)
  sandbox.calls.reset()
  expect(sandbox.calls.count()).toBe(0)
})

test('it knows how many calls were under way at once', async () => {
  const { get, sandbox } = await askSandbox()
  sandbox.faults.add({ path: /./, delayMs: 30 })
  await Promise.all([get('/v3.0/me'), get('/v3.0/me'), get('/v3.0/me')])
  expect(sandbox.calls.highestConcurrency()).toBe(3)
})

test('it knows the busiest window of a token, refused calls included', async () => {
  const clock = createClock()
  const { get, sandbox } = await askSandbox({ now: clock.now, districts: 2, requestsPerMinute: 2 })
  for (let call = 0; call < 3; call += 1) await get('/v3.0/me')
  clock.forward(60 * secondMs)
  await get('/v3.0/me')
  await get('/v3.0/me', sandbox.districts[1]?.token)
  expect(sandbox.calls.busiestWindow()).toBe(3)
  expect(sandbox.calls.busiestWindow(documented.district)).toBe(3)
  expect(sandbox.calls.busiestWindow(sandbox.districts[1]?.id)).toBe(1)
})
