import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { untilKnown } from '../../src/execution/answer.ts'
import { Turns } from '../../src/execution/turns.ts'
import type { Request } from '../../src/view/request.ts'

/** Computes for so long, as an answer from memory does. */
function compute(milliseconds: number) {
  const until = performance.now() + milliseconds
  while (performance.now() < until);
}

async function answer(turns: Turns, milliseconds: number, onEnd: () => void) {
  const turn = turns.wait()
  if (turn !== undefined) await turn
  compute(milliseconds)
  onEnd()
}

it('lets other work run between requests that came at once, and keeps their order', async () => {
  const turns = new Turns()
  const ended: number[] = []
  const all = Array.from({ length: 30 }, (_, index) => answer(turns, 15, () => ended.push(index)))
  // Two take the 20 ms of the first turn. The others wait.
  expect(ended.length).toBeLessThanOrEqual(2)
  let before = ended.length
  for (let turn = 0; turn < 5; turn += 1) {
    await nextTurn()
    expect(ended.length - before).toBeLessThanOrEqual(4)
    before = ended.length
  }
  await Promise.all(all)
  expect(ended).toEqual(all.map((_, index) => index))
})

it('delays no request while turns are short', async () => {
  const turns = new Turns()
  for (let turn = 0; turn < 20; turn += 1) {
    expect(turns.wait()).toBeUndefined()
    await nextTurn()
  }
})

it('begins many waiting requests in a turn if they are short', async () => {
  const turns = new Turns()
  let ended = 0
  compute(0)
  const first = answer(turns, 25, () => {})
  const all = Array.from({ length: 1_000 }, () => answer(turns, 0, () => (ended += 1)))
  let count = 0
  for (; ended < 1_000 && count < 1_000; count += 1) await nextTurn()
  expect(count).toBeLessThan(100)
  await Promise.all([first, ...all])
})

it('runs an operation again in another turn than the one in which the last answer was read', async () => {
  let turn = 0
  let missing = 1
  const readIn: number[] = []
  const request = {
    context: { exchange: { hasHungUp: false } },
    newView: () => ({ isTooLarge: false, missing: { size: missing } }),
    fetch: async () => {
      readIn.push(turn)
      missing = 0
    },
  }
  const ranIn: number[] = []
  let isKnown = false
  const known = untilKnown(request as unknown as Request, () => ranIn.push(turn)).then(() => {
    isKnown = true
  })
  for (; !isKnown; turn += 1) await nextTurn()
  await known
  expect([readIn, ranIn.length]).toEqual([[0], 2])
  expect(ranIn[1]).toBeGreaterThan(0)
})
