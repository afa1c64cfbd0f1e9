import { expect, test } from 'vitest'
import { askSandbox, firstDistrict, link } from './ask-clever.ts'

test('a district may have more contacts than fit on a page, and lose most of them in one night', async () => {
  const { get, sandbox } = await askSandbox({ students: 6_000, contacts: 12_000 })
  const district = firstDistrict(sandbox)
  expect(district.contacts).toHaveLength(12_000)

  const page = await get('/v3.1/users?role=contact&limit=10000')
  expect(page.body.data).toHaveLength(10_000)
  expect((await get(link(page, 'next') ?? '')).body.data).toHaveLength(2_000)

  district.changeContacts(0.8)
  district.sync()
  district.removeContacts(0.9)
  district.sync()
  expect((await get('/v3.1/users?role=contact&limit=10000')).body.data).toHaveLength(1_200)
})
