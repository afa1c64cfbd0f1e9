import { expect, test } from 'vitest'
import { askSandbox, firstDistrict, link } from './ask-clever.ts'

/** What it took, in ms. */
async function took(work: () => unknown): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

// The limits are some times what it takes, so that only what has become slow in earnest fails.
test('a district of 50,000 students and 100,000 contacts is quick in all it does', {
  timeout: 60_000,
}, async () => {
  let asked: Awaited<ReturnType<typeof askSandbox>> | undefined
  expect(
    await took(async () => {
      asked = await askSandbox({ students: 50_000, contacts: 100_000 })
    }),
  ).toBeLessThan(15_000)
  if (!asked) throw new Error('no sandbox')
  const { get, sandbox } = asked
  const district = firstDistrict(sandbox)
  expect(district.contacts).toHaveLength(100_000)

  const pages: number[] = []
  for (const at of [0, 20_000, 40_000, 60_000, 80_000]) {
    const path = `/v3.1/users?role=contact&limit=10000&starting_after=${district.contacts[at]}`
    const headers = { authorization: `Bearer ${district.token}` }
    pages.push(await took(async () => (await fetch(sandbox.url + path, { headers })).arrayBuffer()))
  }
  expect(Math.min(...pages)).toBeLessThan(200)

  expect(await took(() => district.changeContacts(0.8))).toBeLessThan(5000)
  expect(await took(() => district.sync())).toBeLessThan(5000)
  expect(await took(() => district.removeContacts(0.9))).toBeLessThan(5000)
  expect(await took(() => district.sync())).toBeLessThan(5000)
  const rest = await get('/v3.1/users?role=contact&limit=10000')
  expect(rest.body.data).toHaveLength(10_000)
  expect((await get(link(rest, 'next') ?? '')).body.data).toEqual([])
})
