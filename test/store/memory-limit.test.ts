import { describe, expect, it } from 'vitest'
import { DistrictStore } from '../../src/store/district-store.ts'
import { createMemoryLimit } from '../../src/store/memory-limit.ts'
import { DISTRICT, rowOf, userId, userOf } from '../sync/world.ts'

const NOW = 1_000_000
const clock = {
  now: () => NOW,
  elapsed: () => NOW,
  sleep: () => expect.unreachable(),
  timeout: () => expect.unreachable(),
}

function fill(store: DistrictStore, count: number) {
  const users = Array.from({ length: count }, (_, n) =>
    userOf(n, { isStudent: true, contactOf: undefined }, 1),
  )
  store.putRange(
    { role: 'student', direction: 'forwards', beyond: undefined, limit: count + 1 },
    {
      rows: users.map((user) => rowOf('student', user)),
      isLast: true,
      isLinked: false,
      hasNameless: false,
      leftOut: 0,
    },
    NOW,
  )
}

describe('the memory limit', () => {
  it('holds after each growth, also of a store that was cleared or evicted in between', () => {
    const stores = [new DistrictStore(DISTRICT, clock), new DistrictStore(DISTRICT, clock)] as const
    const [one, other] = stores
    fill(one, 100)
    const maxBytes = one.bytes * 1.5
    const limit = createMemoryLimit(maxBytes, () => stores)
    const grow = (store: DistrictStore) => {
      fill(store, 100)
      limit.enforce(store)
      expect(one.bytes + other.bytes).toBeLessThanOrEqual(maxBytes)
      expect(store.find('student', userId(99), 0)).toBeDefined()
    }
    for (let turn = 0; turn < 3; turn += 1) {
      grow(one)
      one.clear()
      grow(other)
      grow(one)
      grow(other)
    }
  })
})
