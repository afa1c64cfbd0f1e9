import { expect, it } from 'vitest'
import type { IssuerKey } from '../../src/auth/issuer-keys.ts'
import { type KeySource, KeysUnavailable, readFirstKeys } from '../../src/auth/remote-keys.ts'
import { createFakeClock } from '../support/fake-clock.ts'

it('the first keys are read again and again, more and more rarely, until there are some', async () => {
  const clock = createFakeClock(0)
  const attempts: number[] = []
  let keys: readonly IssuerKey[] | undefined
  const source: KeySource = {
    get latest() {
      return keys
    },
    async current() {
      attempts.push(clock.now() / 1_000)
      if (keys === undefined) throw new KeysUnavailable('none')
      return keys
    },
    newerThan: async () => undefined,
  }
  const reading = readFirstKeys(source, clock, new AbortController().signal)
  await clock.advance(0)
  await clock.advance(40_000)
  expect(attempts).toEqual([0, 1, 3, 7, 15, 31])
  keys = []
  await clock.advance(30_000)
  await reading
  expect(attempts).toHaveLength(7)

  const ending = new AbortController()
  keys = undefined
  const other = readFirstKeys(source, clock, ending.signal)
  await clock.advance(0)
  ending.abort()
  await other
})
