import { describe, expect, it } from 'vitest'
import { mapInTurns } from '../src/in-turns.ts'

describe('many, mapped in turns', () => {
  it('are all there, in their order, whether they are known at once or come later', async () => {
    const mapped = mapInTurns([1, 2, 3], (n) => (n === 2 ? Promise.resolve(n * 10) : n * 10))
    expect(await mapped).toEqual([10, 20, 30])
  })

  it('let others have their turn when they take long', async () => {
    let turns = 0
    const others = setInterval(() => {
      turns += 1
    }, 1)
    await mapInTurns(Array(5).fill(undefined), () => {
      const startedAt = performance.now()
      while (performance.now() - startedAt < 10);
    })
    clearInterval(others)
    expect(turns).toBeGreaterThan(1)
  })

  it('fail where one fails, also long before the last', async () => {
    const mapped = mapInTurns([1, 2], (n) => {
      const startedAt = performance.now()
      while (performance.now() - startedAt < 10);
      return n === 1 ? Promise.reject(new Error('one')) : n
    })
    await expect(mapped).rejects.toThrow('one')
  })
})
