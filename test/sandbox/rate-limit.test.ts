import { expect, test } from 'vitest'
import { type Answer, ask, askSandbox, createClock, secondMs } from './ask-clever.ts'

const limits = ({ headers }: Answer) =>
  ['bucket', 'limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}`))

test('a window of 60 seconds starts with the first call of the token, whatever the minute of the clock', async () => {
  const clock = createClock('2026-03-26T18:00:35.000Z')
  const { get } = await askSandbox({ now: clock.now })
  clock.forward(7 * secondMs)
  const reset = String(clock.now() / secondMs + 60)
  expect(limits(await get('/v3.0/me'))).toEqual(['bearer', '1200', '1199', reset])
  clock.forward(59 * secondMs)
  expect(limits(await get('/v3.0/me'))).toEqual(['bearer', '1200', '1198', reset])
  clock.forward(secondMs)
  expect(limits(await get('/v3.0/me'))[2]).toBe('1199')
})

test('a call too many is refused with an empty 429 until the window ends', async () => {
  const clock = createClock()
  const { get } = await askSandbox({ now: clock.now, requestsPerMinute: 2 })
  await get('/v3.0/me')
  await get('/v3.0/me')
  const refused = await get('/v3.0/me')
  expect([refused.status, refused.text, refused.headers.get('retry-after')]).toEqual([429, '', null])
  expect(limits(refused).slice(0, 3)).toEqual(['bearer', '2', '0'])
  clock.forward(60 * secondMs)
  expect((await get('/v3.0/me')).status).toBe(200)
})

test('the reset header is rounded down, so that who returns at that second can come too early', async () => {
  const clock = createClock('2026-03-26T18:00:00.400Z')
  const { get } = await askSandbox({ now: clock.now, requestsPerMinute: 1 })
  const reset = Number((await get('/v3.0/me')).headers.get('x-ratelimit-reset')) * secondMs
  clock.forward(reset - clock.now())
  expect((await get('/v3.0/me')).status).toBe(429)
  clock.forward(400)
  expect((await get('/v3.0/me')).status).toBe(200)
})

test('404s count and tell the limit like any other answer', async () => {
  const { get } = await askSandbox()
  await get('/v3.0/users/nobody')
  expect(limits(await get('/v3.0/guardians'))[2]).toBe('1198')
})

test('every token has a limit of its own', async () => {
  const { get, sandbox } = await askSandbox({ districts: 2, requestsPerMinute: 1 })
  expect((await get('/v3.0/me')).status).toBe(200)
  expect((await get('/v3.0/me', sandbox.districts[1]?.token)).status).toBe(200)
  expect((await get('/v3.0/me')).status).toBe(429)
})

test('clever.com/oauth is not limited and sends no such headers', async () => {
  const { sandbox } = await askSandbox({ requestsPerMinute: 1 })
  const basic = `Basic ${btoa(`${sandbox.clientId}:${sandbox.clientSecret}`)}`
  await ask(sandbox, '/oauth/tokens?owner_type=district', basic)
  const answer = await ask(sandbox, '/oauth/tokens?owner_type=district', basic)
  expect(answer.status).toBe(200)
  expect(limits(answer)).toEqual([null, null, null, null])
})
