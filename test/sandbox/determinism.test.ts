import { expect, test } from 'vitest'
import { askSandbox, createClock, firstDistrict } from './ask-clever.ts'

async function everything(seed: number) {
  const { get } = await askSandbox({ seed, now: createClock().now })
  const answers = await Promise.all(
    ['/v3.0/users', '/v3.0/schools', '/v3.0/events?limit=10000'].map((p) => get(p)),
  )
  return answers.map(({ text }) => text)
}

test('equal seeds give the same world to the byte, other seeds another', async () => {
  expect(await everything(7)).toEqual(await everything(7))
  expect(await everything(7)).not.toEqual(await everything(8))
})

test('a district has as many shared students as asked for, whatever the seed', async () => {
  for (const [seed, students] of [
    [1, 24],
    [2, 24],
    [3, 1],
    [4, 60],
    [5, 0],
  ] as const) {
    const { sandbox } = await askSandbox({ seed, students })
    expect(firstDistrict(sandbox).students).toHaveLength(students)
  }
})

test('no id is used twice, not even in different districts', async () => {
  const { sandbox } = await askSandbox({ districts: 4, students: 300 })
  const everyone = sandbox.districts.flatMap(({ roster }) => roster.users().map(({ id }) => id))
  expect(new Set(everyone).size).toBe(everyone.length)
  expect(everyone.every((id) => /^[0-9a-f]{24}$/.test(id))).toBe(true)
})
