import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RecentMap } from '../../src/store/recent-map.ts'

const CAPACITY = 5

const step = fc.record({
  key: fc.integer({ min: 0, max: 14 }).map(String),
  action: fc.constantFrom('get', 'set', 'delete'),
})

describe('a map of what was used last', () => {
  it('never returns an old value, keeps the last ones, and at most twice as many', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const map = new RecentMap<number>(CAPACITY)
        const model = new Map<string, number>()
        for (const [n, { key, action }] of steps.entries()) {
          const held = model.get(key)
          if (action === 'delete') map.delete(key)
          else if (action === 'set') map.set(key, n)
          // A value may be forgotten, and is never another than the latest.
          else if (map.get(key) !== undefined) expect(map.get(key)).toBe(held)
          if (action === 'delete') model.delete(key)
          if (action === 'set') model.set(key, n)
        }
        const kept = [...model.keys()].filter((key) => map.get(key) !== undefined)
        expect(kept.length).toBeLessThanOrEqual(2 * CAPACITY)
      }),
    )
  })

  it('keeps as many as its capacity, whatever else comes and goes', () => {
    const map = new RecentMap<number>(CAPACITY)
    for (let n = 0; n < 100; n += 1) {
      map.set(String(n), n)
      for (let back = 0; back < Math.min(CAPACITY, n + 1); back += 1)
        expect(map.get(String(n - back))).toBe(n - back)
    }
    expect(map.get('0')).toBeUndefined()
  })

  it('keeps a value that is used again and again', () => {
    const map = new RecentMap<string>(CAPACITY)
    map.set('used', 'value')
    for (let n = 0; n < 100; n += 1) {
      map.set(String(n), 'other')
      expect(map.get('used')).toBe('value')
    }
  })

  it('forgets what is deleted, in either generation', () => {
    const map = new RecentMap<string>(1)
    map.set('a', 'first')
    map.set('b', 'other')
    map.set('a', 'second')
    map.delete('a')
    expect(map.get('a')).toBeUndefined()
  })
})
