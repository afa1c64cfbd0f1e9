import { expect, test } from 'vitest'
import { askSandbox, documented, firstDistrict, ids, link } from './ask-clever.ts'

test('a list has double wrapped items in ascending id and links back to the call as it was sent', async () => {
  const { get } = await askSandbox()
  const answer = await get('/v3.0/Users?role=contact&limit=3')
  expect(answer.body.data).toHaveLength(3)
  expect(answer.body.data.map(({ uri }) => uri)).toEqual(ids(answer).map((id) => `/v3.0/users/${id}`))
  expect(ids(answer)).toEqual(ids(answer).toSorted())
  expect(link(answer, 'self')).toBe('/v3.0/Users?role=contact&limit=3')
  expect(link(answer, 'prev')).toBeUndefined()
})

test('without a limit a page has 100 rows', async () => {
  const { get } = await askSandbox({ students: 150 })
  const answer = await get('/v3.0/users?role=student')
  expect(answer.body.data).toHaveLength(100)
  expect(link(answer, 'next')).toBe(`/v3.0/users?role=student&starting_after=${ids(answer).at(-1)}`)
})

test('following next visits everybody once, then the first page with less than its limit ends it', async () => {
  const { get, sandbox } = await askSandbox()
  const seen: string[] = []
  let path: string | undefined = '/v3.1/users?role=contact&limit=10'
  while (path) {
    const page = await get(path)
    seen.push(...ids(page))
    path = link(page, 'next')
  }
  expect(seen).toEqual(firstDistrict(sandbox).contacts)
})

test('a page that is full at the very end still has a next, which is empty and leads back', async () => {
  const { get, sandbox } = await askSandbox()
  const { students } = firstDistrict(sandbox)
  const full = await get(`/v3.0/users?role=student&limit=${students.length}`)
  const next = link(full, 'next')
  expect(next).toBe(`/v3.0/users?role=student&limit=24&starting_after=${students.at(-1)}`)
  const empty = await get(next ?? '')
  expect(empty.body.data).toEqual([])
  expect(empty.body.links.map(({ rel }) => rel)).toEqual(['self', 'prev'])
})

test('starting_after and ending_before leave their own id out and take any id for a place', async () => {
  const { get, sandbox } = await askSandbox()
  const { students } = firstDistrict(sandbox)
  const [first, second, third] = students
  expect(ids(await get(`/v3.0/users?role=student&limit=1&starting_after=${first}`))).toEqual([second])
  expect(ids(await get(`/v3.0/users?role=student&limit=1&starting_after=${first}0`))).toEqual([second])
  expect(ids(await get(`/v3.0/users?role=student&ending_before=${third}`))).toEqual([first, second])
  expect(ids(await get('/v3.0/users?role=student&limit=1&starting_after=000000000000000000000000'))).toEqual([
    first,
  ])
  expect(ids(await get('/v3.0/users?role=student&starting_after=zzz'))).toEqual([])
})

test('ending_before=last is the tail, and a page from behind is the one next to its cursor', async () => {
  const { get, sandbox } = await askSandbox()
  const { students } = firstDistrict(sandbox)
  const tail = await get('/v3.0/users?role=student&ending_before=last&limit=2')
  expect(ids(tail)).toEqual(students.slice(-2))
  const before = await get(link(tail, 'prev') ?? '')
  expect(ids(before)).toEqual(students.slice(-4, -2))
  expect(ids(await get(link(before, 'next') ?? ''))).toEqual(students.slice(-2))
})

test('the page after the first has a prev that leads back to it', async () => {
  const { get } = await askSandbox()
  const first = await get('/v3.0/users?limit=5')
  const second = await get(link(first, 'next') ?? '')
  expect(ids(await get(link(second, 'prev') ?? ''))).toEqual(ids(first))
})

test('10,000 is the highest limit, one more is refused with 413', async () => {
  const { get } = await askSandbox()
  expect((await get('/v3.0/users?limit=10000')).status).toBe(200)
  expect((await get('/v3.0/users?limit=10001')).status).toBe(413)
})

test('a senseless limit is taken for none', async () => {
  const { get } = await askSandbox({ students: 150 })
  for (const limit of ['0', '-1', 'many', '']) {
    expect((await get(`/v3.0/users?limit=${limit}`)).body.data).toHaveLength(100)
  }
})

test('count=true gives the number and no rows, and any other count is ignored', async () => {
  const { get, sandbox } = await askSandbox()
  const counted = await get('/v3.0/users?role=contact&count=true')
  expect(counted.body).toEqual({
    count: firstDistrict(sandbox).contacts.length,
    links: [{ rel: 'self', uri: '/v3.0/users?role=contact&count=true' }],
  })
  expect((await get('/v3.0/districts?count=5')).body.data).toHaveLength(1)
})

test('nested lists are paged too', async () => {
  const { get } = await askSandbox()
  const page = await get(`/v3.0/users/${documented.uncle}/mystudents?limit=2`)
  expect(ids(page)).toEqual([documented.niece, documented.son])
  expect(ids(await get(link(page, 'next') ?? ''))).toEqual([documented.nephew])
})

test('a page of 10,000 rows is served', async () => {
  const { get } = await askSandbox({ students: 8000 })
  expect((await get('/v3.0/users?limit=10000')).body.data).toHaveLength(10_000)
})

test('a list that was served before shows changes, and each version has its own rows', async () => {
  const { get, sandbox } = await askSandbox()
  const listed = async (version: string) => {
    const { body } = await get(`${version}/users?role=contact&limit=10000`)
    return body.data.find(({ data }) => data.id === documented.uncle)
  }
  const before = await listed('/v3.0')
  expect(before?.uri).toBe(`/v3.0/users/${documented.uncle}`)
  expect(await listed('/v3.1')).toEqual({ ...before, uri: `/v3.1/users/${documented.uncle}` })
  firstDistrict(sandbox).endRelationship(documented.uncle, documented.son)
  const students = (await listed('/v3.0'))?.data.roles.contact?.student_relationships.map(
    ({ student }) => student,
  )
  expect(students).toEqual([documented.niece, documented.nephew])
})
