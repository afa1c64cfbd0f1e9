import { expect, test } from 'vitest'
import { latencyMs } from '../../src/sandbox/api/latency.ts'
import { askSandbox, documented } from './ask-clever.ts'

test.each([
  ['one record', { kind: 'single' }, 23, 31],
  ['a page of 100 users', { kind: 'list', rows: 100 }, 41, 67],
  ['the contacts of a student', { kind: 'contacts', rows: 2 }, 66, 68],
  ['the students of a contact', { kind: 'students', rows: 3 }, 46, 51],
  ['a page of 100 events', { kind: 'events', rows: 100 }, 21, 37],
] as const)('%s takes as long as it was recorded to take', (_what, effort, shortest, longest) => {
  expect(latencyMs('clever', effort)).toBeGreaterThanOrEqual(shortest)
  expect(latencyMs('clever', effort)).toBeLessThanOrEqual(longest)
  expect(latencyMs('none', effort)).toBe(0)
})

test('an answer is held back and says for how long', async () => {
  const { get } = await askSandbox({ latency: 'clever' })
  const start = performance.now()
  const { headers } = await get(`/v3.0/users/${documented.son}/mycontacts`)
  expect(performance.now() - start).toBeGreaterThan(60)
  expect(headers.get('x-envoy-upstream-service-time')).toBe('66')
})
