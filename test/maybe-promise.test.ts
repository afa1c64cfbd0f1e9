import { setImmediate as nextTurn } from 'node:timers/promises'
import { array, asyncProperty, boolean, assert as check, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { all, type MaybePromise, run, type Steps, wait } from '../src/maybe-promise.ts'

function* sumOf(values: readonly MaybePromise<number>[]): Steps<number> {
  let sum = 0
  for (const value of values) sum += yield* wait(value)
  return sum
}

function* failing(): Steps<number> {
  const value = yield* wait(1)
  throw new Error(`at once, after ${value}`)
}

function* catching(value: MaybePromise<number>): Steps<number> {
  try {
    return yield* wait(value)
  } catch {
    return -1
  } finally {
    ended += 1
  }
}
let ended = 0

const numbers = array(integer())

describe('steps of which nothing has to be waited for', () => {
  it('are run at once, and their outcome is no promise', () => {
    check(property(numbers, (values) => run(sumOf(values)) === values.reduce((sum, value) => sum + value, 0)))
  })

  it('may be nested as deep as they like', () => {
    function* deep(levels: number): Steps<number> {
      return levels === 0 ? 0 : 1 + (yield* wait(run(deep(levels - 1))))
    }
    expect(run(deep(500))).toBe(500)
  })

  it('become a rejected promise when they throw, and throw nothing', async () => {
    const outcome = run(failing())
    expect(outcome).toBeInstanceOf(Promise)
    await expect(outcome).rejects.toThrow('at once')
  })

  it('are all known together at once', () => {
    const values = [1, 2, 3]
    expect(all(values)).toBe(values)
    expect(all([])).toEqual([])
  })
})

describe('steps that have to wait', () => {
  it('go on with what they waited for, whichever of it was known', async () => {
    await check(
      asyncProperty(
        array(integer().chain((n) => boolean().map((isLate) => [n, isLate] as const))),
        async (values) => {
          const outcome = run(sumOf(values.map(([n, isLate]) => (isLate ? Promise.resolve(n) : n))))
          expect(outcome instanceof Promise).toBe(values.some(([, isLate]) => isLate))
          expect(await outcome).toBe(values.reduce((sum, [n]) => sum + n, 0))
        },
      ),
    )
  })

  it('may catch what they waited for in vain, and end as they would', async () => {
    ended = 0
    expect(await run(catching(Promise.reject(new Error('later'))))).toBe(-1)
    expect(ended).toBe(1)
  })

  it('are rejected with what they do not catch', async () => {
    await expect(run(sumOf([1, Promise.reject(new Error('later'))]))).rejects.toThrow('later')
  })

  it('begin at once, and wait only where they must', async () => {
    const seen: string[] = []
    const gate = Promise.withResolvers<void>()
    function* noting(): Steps<void> {
      seen.push('begun')
      yield* wait(gate.promise)
      seen.push('gone on')
    }
    const outcome = run(noting())
    expect(seen).toEqual(['begun'])
    gate.resolve()
    await outcome
    expect(seen).toEqual(['begun', 'gone on'])
  })

  it('are all waited for, with one that fails for all', async () => {
    expect(await all([1, Promise.resolve(2)])).toEqual([1, 2])
    await expect(all([1, Promise.reject(new Error('one'))])).rejects.toThrow('one')
  })

  it('that are many do not pile up', async () => {
    const many = Array.from({ length: 20_000 }, (_, n) => (n % 2 === 0 ? n : Promise.resolve(n)))
    expect(await run(sumOf(many))).toBe((19_999 * 20_000) / 2)
    await nextTurn()
  })
})
