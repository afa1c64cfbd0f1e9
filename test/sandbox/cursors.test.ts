import { expect, test } from 'vitest'
import { askSandbox, documented, firstDistrict, ids, link } from './ask-clever.ts'

const contacts = '/v3.1/users?role=contact&limit=5'
const nobody = '640000000000000000000000'

test.each(['lookups', 'lookups-empty'] as const)(
  'with %s a cursor that is on the list is its place',
  async (cursors) => {
    const { get, sandbox } = await askSandbox({ cursors })
    const all = firstDistrict(sandbox).contacts
    const seen: string[] = []
    let path: string | undefined = contacts
    while (path) {
      const page = await get(path)
      seen.push(...ids(page))
      path = link(page, 'next')
    }
    expect(seen).toEqual(all)
    expect(ids(await get(`${contacts}&ending_before=${all[5]}`))).toEqual(all.slice(0, 5))
    expect(ids(await get(`${contacts}&ending_before=last`))).toEqual(all.slice(-5))
  },
)

test.each([
  ['an id of nobody', nobody],
  ['somebody of another role', documented.son],
  ['no id at all', 'zzz'],
])(
  'with lookups %s as cursor is no cursor, with lookups-empty a place where nothing is',
  async (_what, cursor) => {
    for (const name of ['starting_after', 'ending_before']) {
      const lookups = await askSandbox({ cursors: 'lookups' })
      const ignored = await lookups.get(`${contacts}&${name}=${cursor}`)
      const first = await lookups.get(contacts)
      expect(ignored.body.data).toEqual(first.body.data)
      expect(link(ignored, 'self')).toBe(`${contacts}&${name}=${cursor}`)
      expect(ignored.body.links.slice(1)).toEqual(first.body.links.slice(1))
      const { get } = await askSandbox({ cursors: 'lookups-empty' })
      const empty = await get(`${contacts}&${name}=${cursor}`)
      expect([empty.status, empty.body.data]).toEqual([200, []])
      expect(link(empty, 'next')).toBeUndefined()
    }
  },
)

test('a record that is gone is looked up in vain', async () => {
  const lookups = await askSandbox({ cursors: 'lookups' })
  const district = firstDistrict(lookups.sandbox)
  const [first, second, third] = district.contacts
  district.removeContact(second ?? '')
  expect(ids(await lookups.get(`${contacts}&starting_after=${first}`))[0]).toBe(third)
  expect(ids(await lookups.get(`${contacts}&starting_after=${second}`))[0]).toBe(first)
})

test('lookups are of every list of users', async () => {
  const { get } = await askSandbox({ cursors: 'lookups' })
  for (const path of [
    `/v3.0/users/${documented.uncle}/mystudents`,
    `/v3.0/users/${documented.niece}/mycontacts`,
  ]) {
    expect(ids(await get(`${path}?starting_after=${nobody}`))).toEqual(ids(await get(path)))
  }
  const [school] = ids(await get('/v3.0/schools'))
  const ofSchool = `/v3.0/schools/${school}/users?role=student`
  expect(ids(await get(`${ofSchool}&starting_after=zzz`))).toEqual(ids(await get(ofSchool)))
})

test.each(['lookups', 'lookups-empty'] as const)(
  'with %s events are still told by range',
  async (cursors) => {
    const { get } = await askSandbox({ cursors })
    const [first, second] = ids(await get('/v3.0/events?limit=2'))
    expect(ids(await get(`/v3.0/events?limit=1&starting_after=${first}0`))).toEqual([second])
    expect(ids(await get('/v3.0/events?starting_after=zzz'))).toEqual([])
  },
)
