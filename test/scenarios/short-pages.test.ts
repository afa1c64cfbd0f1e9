import { describe, expect, it } from 'vitest'
import { startFakeClever } from '../support/fake-clever.ts'
import { startGateway, type TestGateway, type TestOptions } from '../support/gateway.ts'

const start = (options: TestOptions = {}) =>
  startGateway({ ...options, sandbox: { students: 60, maxRows: 50, ...options.sandbox } })

function district({ sandbox }: TestGateway) {
  return sandbox.districts[0] ?? expect.unreachable()
}

/** Pages through a list of ids to its end, in either direction. */
async function readAll(gateway: TestGateway, list: string, from: 'start' | 'end') {
  const [size, place] = from === 'start' ? ['first', 'after'] : ['last', 'before']
  const query = `query ($cursor: String) { ${list}(${size}: 100, ${place}: $cursor) {
    nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } } }`
  const pages: string[][] = []
  let cursor: string | undefined
  for (let hasMore = true; hasMore; ) {
    const { data, errors } = await gateway.ask(query, { cursor })
    expect(errors).toEqual([])
    const { nodes, pageInfo } = data[list]
    const ids = nodes.map(({ id }: { id: string }) => id)
    expect(ids.length).toBeGreaterThan(0)
    if (from === 'start') pages.push(ids)
    else pages.unshift(ids)
    hasMore = from === 'start' ? pageInfo.hasNextPage : pageInfo.hasPreviousPage
    cursor = from === 'start' ? pageInfo.endCursor : pageInfo.startCursor
  }
  return pages.flat()
}

describe('C1: a Clever that gives 50 rows for limit=100, with a correct next link', () => {
  it('C1: has a next page', async () => {
    await using gateway = await start()
    const query = '{ contacts(first: 99) { nodes { id } pageInfo { hasNextPage } } }'
    const { data, calls } = await gateway.ask(query)
    expect(calls.toSorted()).toEqual(['/users?role=contact&limit=100', '/users?role=student&count=true'])
    expect(data.contacts.nodes).toHaveLength(50)
    expect(data.contacts.pageInfo.hasNextPage).toBe(true)
  })

  it.each([
    ['contacts', 'start', {}],
    ['contacts', 'end', {}],
    ['students', 'start', {}],
    ['students', 'end', {}],
    ['contacts', 'start', { ages: { displayMs: 0, decisionMs: 0 } }],
    ['contacts', 'end', { ages: { displayMs: 0, decisionMs: 0 } }],
  ] as const)('C1: gives all %s, page by page from the %s, with %o', async (list, from, options) => {
    await using gateway = await start(options)
    expect(await readAll(gateway, list, from)).toEqual(district(gateway)[list])
  })

  it.each([
    ['a count without a filter', '{ contacts { totalCount } }', 'ALL'],
    ['a filter', '{ contacts(filter: { search: "a" }) { totalCount } }', 'SOME'],
    [
      'a report',
      '{ district { contactReport { contactCount contactsWithWarningsCount missingFields { contactCount } } } }',
      'SOME',
    ],
  ] as const)('C1: finds every record by %s', async (_what, query, which) => {
    await using short = await start()
    await using long = await startGateway({ sandbox: { students: 60 } })
    const [told, expected] = [await short.ask(query), await long.ask(query)]
    expect(told.errors).toEqual([])
    expect(told.data).toMatchObject(expected.data)
    if (which === 'ALL') expect(told.data.contacts.totalCount).toBe(district(short).contacts.length)
  })

  it('C1: finds every record by legacy ids', async () => {
    await using gateway = await start()
    const last = district(gateway).contacts.at(-1) ?? ''
    const legacyId = district(gateway).roster.user(last)?.roles.contact?.legacy_id
    const query = 'query ($id: ID!) { contactByLegacyId(legacyId: $id) { id } }'
    expect((await gateway.ask(query, { id: legacyId })).data).toEqual({ contactByLegacyId: { id: last } })
    const map = await gateway.ask('{ cleverLegacyIds(first: 1000) { nodes { currentId } } }')
    expect(map.data.cleverLegacyIds.nodes).toHaveLength(district(gateway).contacts.length)
  })

  it("C1: finds all of a teacher's students, where they are more than a page", async () => {
    await using gateway = await start({ sandbox: { maxRows: 2 } })
    await using other = await startGateway({ sandbox: { students: 60 } })
    const { roster, id } = district(gateway)
    const [teacher] = roster.users('teacher')
    const as = { clever_kind: 'teacher', clever_user_id: teacher?.id, clever_district_ids: [id] }
    const query = '{ students { nodes { id } } }'
    const [told, expected] = [await gateway.ask(query, {}, as), await other.ask(query, {}, as)]
    expect(expected.data.students.nodes.length).toBeGreaterThan(2)
    expect(told.data).toEqual(expected.data)
  })

  it('C1: is read as a whole in the background', async () => {
    await using gateway = await start({ warm: 'eager' })
    await expect
      .poll(() => gateway.lines.filter((line) => line.includes('all of a role is known')).length)
      .toBe(2)
    const { data, calls } = await gateway.ask('{ contacts { totalCount } students { totalCount } }')
    expect(data).toEqual({
      contacts: { totalCount: district(gateway).contacts.length },
      students: { totalCount: district(gateway).students.length },
    })
    expect(calls.filter((call) => !call.startsWith('/events'))).toEqual([])
  })
})

describe('C1: a Clever that gives 7 rows for limit=100, and links only to next pages', () => {
  const users = Array.from({ length: 30 }, (_each, n) => ({
    id: (n + 1).toString(16).padStart(24, '0'),
    role: 'contact' as const,
  }))
  const ids = users.map(({ id }) => id)

  it('C1: gives all contacts, page by page from the end', async () => {
    await using clever = await startFakeClever(users, 7)
    await using gateway = await startGateway({ over: clever.sandbox })
    expect(await readAll(gateway, 'contacts', 'end')).toEqual(ids)
  })

  it('C1: finds every record by a filter, which reads the list from both ends', async () => {
    await using clever = await startFakeClever(users, 7)
    await using gateway = await startGateway({ over: clever.sandbox })
    const { data, errors } = await gateway.ask('{ contacts(filter: { search: "ada" }) { totalCount } }')
    expect(errors).toEqual([])
    expect(data.contacts.totalCount).toBe(ids.length)
  })

  it('C1: is asked for the first contact once, where the list is as short as the page', async () => {
    await using clever = await startFakeClever(users, 100)
    await using gateway = await startGateway({ over: clever.sandbox })
    const query = '{ contacts(last: 50) { nodes { id } pageInfo { hasPreviousPage } } }'
    const { data, calls } = await gateway.ask(query)
    expect(data.contacts.nodes.map(({ id }: { id: string }) => id)).toEqual(ids)
    expect(data.contacts.pageInfo.hasPreviousPage).toBe(false)
    expect(calls).toEqual([
      `/users?role=contact&limit=51&ending_before=${'f'.repeat(24)}`,
      '/users?role=contact&limit=1',
    ])
  })
})

describe('C1: links of other kinds', () => {
  const contact = (n: number) => ({
    data: { id: n.toString(16).padStart(24, '0'), name: { last: `Contact ${n}` }, roles: { contact: {} } },
  })
  const query = '{ contacts(first: 2) { nodes { id } pageInfo { hasNextPage } } }'
  const list = (rows: readonly object[], links: readonly object[]) =>
    JSON.stringify({ data: rows, links: [{ rel: 'self', uri: '/v3.1/users' }, ...links] })

  async function answering(body: string, times = Number.POSITIVE_INFINITY) {
    const gateway = await startGateway()
    gateway.sandbox.faults.add({ path: /role=contact/, status: 200, body, times })
    return gateway
  }

  it('a page that has one record twice in a row is read all the same', async () => {
    await using gateway = await answering(list([1, 2, 2].map(contact), []))
    const { data, errors } = await gateway.ask(query)
    expect(errors).toEqual([])
    expect(data.contacts).toMatchObject({ nodes: { length: 2 }, pageInfo: { hasNextPage: false } })
  })

  it('a full page without a next link is the last', async () => {
    await using gateway = await answering(list([1, 2, 3].map(contact), []))
    const { data } = await gateway.ask('{ contacts(first: 3) { nodes { id } pageInfo { hasNextPage } } }')
    expect(data.contacts).toMatchObject({ nodes: { length: 3 }, pageInfo: { hasNextPage: false } })
  })

  it('a full page without any links is not taken for the last', async () => {
    const body = JSON.stringify({ data: [1, 2, 3].map(contact) })
    await using gateway = await answering(body)
    const { data } = await gateway.ask(query)
    expect(data.contacts.pageInfo.hasNextPage).toBe(true)
  })

  it.each([
    () => `/v3.1/users?role=contact&limit=3&starting_after=${'1'.repeat(24)}`,
    (url: string) => `${url}/v3.1/users?role=contact&limit=3&starting_after=${'1'.repeat(24)}`,
    () => `/V3.1/Users/?role=contact&limit=3&starting_after=${'1'.repeat(24)}`,
    () => `?role=contact&limit=3&starting_after=${'1'.repeat(24)}`,
  ])('an empty page with a next link is followed (%#)', async (linkTo) => {
    await using gateway = await startGateway()
    const uri = linkTo(gateway.sandbox.url)
    const { faults } = gateway.sandbox
    faults.add({ path: /starting_after/, status: 200, body: list([contact(2 ** 48)], []) })
    faults.add({ path: /role=contact/, status: 200, body: list([], [{ rel: 'next', uri }]) })
    const { data, errors } = await gateway.ask(query)
    expect(errors).toEqual([])
    expect(data.contacts).toMatchObject({ nodes: { length: 1 }, pageInfo: { hasNextPage: false } })
  })

  it.each([
    'https://example.com/v3.1/users?role=contact&limit=3&starting_after=1',
    '//example.com/v3.1/users?role=contact',
    '/v3.1/districts',
    'http://[',
  ])('a link to %s is never followed with the token', async (uri) => {
    await using gateway = await answering(list([], [{ rel: 'next', uri }]))
    const { data, errors } = await gateway.ask(query)
    expect(data.contacts).toBeNull()
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UPSTREAM_INVALID_RESPONSE'])
    expect(new Set(gateway.sandbox.calls.all().map(({ path }) => path))).toEqual(new Set(['/v3.1/users']))
  })

  it.each(['/v3.1/users?role=contact&limit=3', '/v3.1/users?role=contact&limit=3&starting_after=1'])(
    'a link from an empty page to itself ends with an error: %s',
    async (uri) => {
      await using gateway = await answering(list([], [{ rel: 'next', uri }]))
      const { errors } = await gateway.ask(query)
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UPSTREAM_INVALID_RESPONSE'])
      expect(gateway.sandbox.calls.count()).toBeLessThanOrEqual(3)
    },
  )

  it('a page that comes again and again ends with an error', async () => {
    const uri = '/v3.1/users?role=contact&limit=3&starting_after=000000000000000000000003'
    await using gateway = await answering(list([1, 2, 3].map(contact), [{ rel: 'next', uri }]))
    const { errors } = await gateway.ask('{ contacts(filter: { search: "nobody" }) { totalCount } }')
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UPSTREAM_INVALID_RESPONSE'])
    expect(gateway.sandbox.calls.count()).toBeLessThanOrEqual(6)
  })
})
