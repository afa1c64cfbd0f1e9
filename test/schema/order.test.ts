import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { disclosedIn } from '../support/audited.ts'
import { guardian, SERVICE, startGateway, type TestGateway } from '../support/gateway.ts'
import { list } from '../support/listing.ts'

type OrderBy = 'ID_ASC' | 'ID_DESC' | 'NAME_ASC' | 'NAME_DESC' | 'LAST_MODIFIED_ASC' | 'LAST_MODIFIED_DESC'
const ORDERS: readonly OrderBy[] = [
  'ID_ASC',
  'ID_DESC',
  'NAME_ASC',
  'NAME_DESC',
  'LAST_MODIFIED_ASC',
  'LAST_MODIFIED_DESC',
]

interface Person {
  readonly id: string
  readonly last?: string
  readonly first?: string
  readonly modified?: string
}

interface Page {
  readonly nodes: readonly { readonly id: string; readonly displayName: string | null }[]
  readonly edges: readonly { readonly cursor: string }[]
  readonly pageInfo: {
    readonly hasNextPage: boolean
    readonly hasPreviousPage: boolean
    readonly startCursor: string | null
    readonly endCursor: string | null
  }
  readonly totalCount: number | null
}

const PAGE =
  'nodes { id displayName } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }'
const CONTACTS = `query ($orderBy: ContactOrder, $first: Int, $after: String, $last: Int, $before: String, $filter: ContactFilter) {
  contacts(orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before, filter: $filter) { ${PAGE} }
}`
const STUDENTS = CONTACTS.replaceAll('Contact', 'Student').replace('contacts(', 'students(')

const idOf = (index: number) => `5f${index.toString(16).padStart(22, '0')}`

const asContact = ({ id, last, modified }: Person) => ({
  id,
  name: { last },
  last_modified: modified,
  roles: { contact: { student_relationships: [] } },
})

const asStudent = ({ id, last, first, modified }: Person) => ({
  id,
  name: { first, last },
  last_modified: modified,
  roles: { student: {} },
})

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterEach(() => gateway.sandbox.faults.clear())
afterAll(() => gateway[Symbol.asyncDispose]())

/** From now on Clever has these people of a role, and all of them are known. */
async function serve(role: 'contact' | 'student', people: readonly Person[]) {
  gateway.sandbox.faults.clear()
  gateway.forget()
  list(gateway, role, role === 'contact' ? people.map(asContact) : people.map(asStudent))
  await gateway.ask(`{ ${role}s(orderBy: NAME_ASC, first: 1) { pageInfo { hasNextPage } } }`)
}

async function page(query: string, variables: object): Promise<Page> {
  const { data, errors } = await gateway.ask(query, { ...variables })
  expect(errors).toEqual([])
  return data.contacts ?? data.students
}

/** All pages in one direction, each checked for its cursors. */
async function pageThrough(
  query: string,
  orderBy: OrderBy,
  size: number,
  direction: 'forwards' | 'backwards',
) {
  const ids: string[] = []
  let cursor: string | null = null
  for (;;) {
    const paging = direction === 'forwards' ? { first: size, after: cursor } : { last: size, before: cursor }
    const { nodes, edges, pageInfo } = await page(query, { orderBy, ...paging })
    expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual([
      edges.at(0)?.cursor ?? null,
      edges.at(-1)?.cursor ?? null,
    ])
    const [onwards, behind] =
      direction === 'forwards'
        ? [pageInfo.hasNextPage, pageInfo.hasPreviousPage]
        : [pageInfo.hasPreviousPage, pageInfo.hasNextPage]
    expect(behind).toBe(cursor !== null)
    if (direction === 'forwards') ids.push(...nodes.map(({ id }) => id))
    else ids.unshift(...nodes.map(({ id }) => id))
    if (!onwards) return ids
    expect(nodes).toHaveLength(size)
    cursor = direction === 'forwards' ? pageInfo.endCursor : pageInfo.startCursor
  }
}

/** As the schema promises it, without any code of the gateway. */
function sorted(people: readonly Person[], orderBy: OrderBy, role: 'contact' | 'student'): readonly string[] {
  const collator = new Intl.Collator('en-US')
  const byId = (a: Person, b: Person) => (a.id < b.id ? -1 : 1)
  const textsOf = ({ last, first }: Person) =>
    (role === 'contact' ? [last] : [last, first]).filter((text) => text !== undefined)
  const byName = (a: Person, b: Person) => {
    const [left, right] = [textsOf(a), textsOf(b)]
    if (left.length === 0 || right.length === 0) return Number(left.length === 0) - Number(right.length === 0)
    return collator.compare(left[0] ?? '', right[0] ?? '') || collator.compare(left[1] ?? '', right[1] ?? '')
  }
  const timeOf = ({ modified }: Person) =>
    modified === undefined ? Number.POSITIVE_INFINITY : Date.parse(modified)
  const byTime = (a: Person, b: Person) => (timeOf(a) === timeOf(b) ? 0 : timeOf(a) - timeOf(b))
  const compare = orderBy.startsWith('NAME') ? byName : orderBy.startsWith('LAST') ? byTime : byId
  const ids = people.toSorted((a, b) => compare(a, b) || byId(a, b)).map(({ id }) => id)
  return orderBy.endsWith('DESC') ? ids.reverse() : ids
}

const anyName = fc.oneof(
  fc.constantFrom(
    'Ann',
    'ann',
    'Änn',
    'Zoë',
    'Zoe',
    'O’Hara',
    'Ohara',
    'Éva',
    'Eva',
    'Łukasz',
    'Øre',
    'Ångström',
    'ñandú',
    '李',
    '王',
    'Ann Lee',
    'Ann-Lee',
  ),
  fc.stringMatching(/^[A-Za-zÀ-ž]{1,12}$/),
)
const anyTime = fc
  .tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom('Z', '+02:00'))
  .map(([day, offset]) => `2026-01-0${day}T10:00:00${offset}`)

const anyPeople = fc
  .array(fc.record({ last: anyName, first: anyName, modified: anyTime }, { requiredKeys: [] }), {
    minLength: 1,
    maxLength: 24,
  })
  .map((people) => people.map((person, index): Person => ({ ...person, id: idOf(index + 1) })))

describe('a list that is sorted', () => {
  it.each(['contact', 'student'] as const)(
    'has every %s once and in order, forwards and backwards, in pages of any size',
    async (role) => {
      const query = role === 'contact' ? CONTACTS : STUDENTS
      await fc.assert(
        fc.asyncProperty(
          anyPeople,
          fc.integer({ min: 1, max: 9 }),
          fc.constantFrom(...ORDERS),
          async (people, size, orderBy) => {
            await serve(role, people)
            const expected = sorted(people, orderBy, role)
            expect(await pageThrough(query, orderBy, size, 'forwards')).toEqual(expected)
            expect(await pageThrough(query, orderBy, size, 'backwards')).toEqual(expected)
          },
        ),
        { numRuns: 15 },
      )
    },
  )

  it('sorts names as people do: accents and case do not scatter them, and records without a name are last', async () => {
    const names = ['Zoe', 'eva', 'Éva', 'Eva', 'Ångström', 'Adams', '李', 'Zoë', undefined]
    await serve(
      'contact',
      names.map((last, index) => ({ id: idOf(index + 1), ...(last !== undefined && { last }) })),
    )
    const { nodes } = await page(CONTACTS, { orderBy: 'NAME_ASC', first: 100 })
    expect(nodes.map(({ displayName }) => displayName)).toEqual([
      'Adams',
      'Ångström',
      'eva',
      'Eva',
      'Éva',
      'Zoe',
      'Zoë',
      '李',
      null,
    ])
  })

  it('may be filtered too', async () => {
    const people = ['Ann Lee', 'Bea Lee', 'Cid Ray', 'Abe Lee'].map((last, index) => ({
      id: idOf(index + 1),
      last,
    }))
    await serve('contact', people)
    const { data, errors } = await gateway.ask(
      '{ contacts(orderBy: NAME_DESC, filter: { search: "lee" }, first: 2) { totalCount nodes { displayName } pageInfo { hasNextPage } } }',
    )
    expect(errors).toEqual([])
    expect(data.contacts).toEqual({
      totalCount: 3,
      nodes: [{ displayName: 'Bea Lee' }, { displayName: 'Ann Lee' }],
      pageInfo: { hasNextPage: true },
    })
  })

  it('costs one call for a district of up to 10,000 records, and none while they are known', async () => {
    gateway.forget()
    const { contacts } = gateway.sandbox.districts[0] ?? expect.unreachable()
    const query = `{ contacts(orderBy: NAME_ASC, first: 3) { nodes { id } } }`
    const { data, calls } = await gateway.ask(query)
    expect(data.contacts.nodes).toHaveLength(3)
    expect(calls).toEqual(['/users?role=contact&limit=10000'])
    expect((await gateway.ask(query)).calls).toEqual([])
    const { data: counted, calls: counting } = await gateway.ask(
      '{ contacts(orderBy: LAST_MODIFIED_DESC, first: 1) { totalCount } }',
    )
    expect([counted.contacts.totalCount, counting]).toEqual([contacts.length, []])
  })

  it('is no longer than a page for descending ids either: one call for that page', async () => {
    gateway.forget()
    const { contacts } = gateway.sandbox.districts[0] ?? expect.unreachable()
    const { data, calls } = await gateway.ask('{ contacts(orderBy: ID_DESC, first: 3) { nodes { id } } }')
    expect(data.contacts.nodes.map(({ id }: Person) => id)).toEqual(contacts.slice(-3).reverse())
    expect(calls).toEqual([expect.stringMatching(/^\/users\?role=contact&limit=4&ending_before=/)])
  })

  it('counts as disclosed as far as it is shown', async () => {
    gateway.forget()
    const audited = async (query: string) => {
      const before = gateway.audited.length
      const { data } = await gateway.ask(query)
      const contacts = disclosedIn(gateway.audited.slice(before)).flatMap(({ contactIds }) => contactIds)
      return { data, contacts: new Set(contacts) }
    }
    const shown = await audited('{ contacts(orderBy: NAME_ASC, first: 5) { nodes { id } } }')
    expect(shown.contacts).toEqual(new Set(shown.data.contacts.nodes.map(({ id }: Person) => id)))
    const cursors = await audited('{ contacts(orderBy: NAME_ASC, first: 5) { pageInfo { hasNextPage } } }')
    expect(cursors.contacts.size).toBe(0)
    const found = await audited(
      '{ contacts(orderBy: NAME_ASC, first: 2, filter: { hasEmail: true }) { pageInfo { hasNextPage } } }',
    )
    expect(found.contacts.size).toBe(2)
  })
})

describe('while the data change', () => {
  it('records that stay as they are come once each and in order, whatever becomes of those at the cursors', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyName, { minLength: 9, maxLength: 15 }),
        fc.array(fc.constantFrom('RENAME', 'DELETE', 'ADD', 'NOTHING'), { minLength: 8, maxLength: 8 }),
        fc.constantFrom<OrderBy>('NAME_ASC', 'NAME_DESC', 'LAST_MODIFIED_ASC'),
        fc.constantFrom('forwards' as const, 'backwards' as const),
        async (names, changes, orderBy, direction) => {
          let people: Person[] = names.map((last, index) => ({
            id: idOf(index + 1),
            last,
            modified: `2026-01-0${1 + (index % 5)}T10:00:00Z`,
          }))
          const touched = new Set<string>()
          const told: string[] = []
          let cursor: string | null = null
          for (let turn = 0; ; turn += 1) {
            await serve('contact', people)
            const paging =
              direction === 'forwards' ? { first: 3, after: cursor } : { last: 3, before: cursor }
            const { nodes, pageInfo } = await page(CONTACTS, { orderBy, ...paging })
            told.push(...(direction === 'forwards' ? nodes : nodes.toReversed()).map(({ id }) => id))
            const isOver = direction === 'forwards' ? !pageInfo.hasNextPage : !pageInfo.hasPreviousPage
            if (isOver) break
            cursor = direction === 'forwards' ? pageInfo.endCursor : pageInfo.startCursor
            const anchor = told.at(-1)
            const change = changes[turn % changes.length]
            if (change !== 'NOTHING' && change !== 'ADD') touched.add(anchor ?? '')
            if (change === 'DELETE') people = people.filter(({ id }) => id !== anchor)
            if (change === 'RENAME')
              people = people.map((person) =>
                person.id === anchor
                  ? {
                      ...person,
                      last: `${turn % 2 ? 'Zz' : 'Aa'}${person.last}`,
                      modified: '2026-02-01T10:00:00Z',
                    }
                  : person,
              )
            if (change === 'ADD') {
              const id = idOf(100 + turn)
              touched.add(id)
              people = [...people, { id, last: 'Mm', modified: '2026-01-03T10:00:00Z' }]
            }
          }
          const expected = sorted(people, orderBy, 'contact').filter((id) => !touched.has(id))
          const steady = told.filter((id) => !touched.has(id))
          expect(direction === 'forwards' ? steady : steady.reverse()).toEqual(expected)
        },
      ),
      { numRuns: 12 },
    )
  })
})

describe('the cursor of a sorted list', () => {
  const NAME = 'Zebulonmarker Quintessa'
  const people = [
    { id: idOf(1), last: NAME },
    { id: idOf(2), last: 'Z' },
    { id: idOf(3), last: 'Zz'.repeat(700) },
  ]

  it('shows neither the name nor how long it is', async () => {
    await serve('contact', people)
    const { edges } = await page(CONTACTS, { orderBy: 'NAME_ASC', first: 3 })
    const cursors = edges.map(({ cursor }) => cursor)
    expect(new Set(cursors).size).toBe(3)
    for (const cursor of cursors) {
      const bytes = Buffer.from(cursor, 'base64url')
      for (const part of ['Zebulon', 'Quint', 'Zz'])
        for (const text of [bytes.toString('latin1'), bytes.toString('utf16le'), cursor])
          expect(text).not.toContain(part)
    }
    const short = cursors.filter((_cursor, index) => index < 2)
    expect(new Set(short.map((cursor) => cursor.length)).size).toBe(1)
    expect(await page(CONTACTS, { orderBy: 'NAME_ASC', first: 3 })).toMatchObject({ edges })
  })

  it('leads on at another replica, which has the same credentials, and at none with others', async () => {
    await serve('contact', people)
    const { edges } = await page(CONTACTS, { orderBy: 'NAME_ASC', first: 2 })
    const variables = { orderBy: 'NAME_ASC', first: 1, after: edges[0]?.cursor }
    await using same = await startGateway({ over: gateway.sandbox })
    expect((await same.ask(CONTACTS, variables)).data.contacts.nodes).toMatchObject([{ id: idOf(1) }])
    await using other = await startGateway({ over: gateway.sandbox, cursorSecret: () => 'another' })
    const { data, errors, calls } = await other.ask(CONTACTS, variables)
    expect([data.contacts, errors[0]?.extensions.code, calls]).toEqual([null, 'BAD_USER_INPUT', []])
  })

  it('is refused, without any call, in another order, to another viewer, and when it was changed', async () => {
    await serve('contact', people)
    const { edges } = await page(CONTACTS, { orderBy: 'NAME_ASC', first: 3 })
    const cursor = edges[0]?.cursor ?? expect.unreachable()
    const byId = (await page(CONTACTS, { first: 3 })).edges[0]?.cursor
    const flipped = Buffer.from(cursor, 'base64url')
    flipped.writeUInt8(flipped.readUInt8(20) ^ 1, 20)
    gateway.forget()
    const other = guardian(gateway.sandbox.districts[0]?.contacts[0] ?? '')
    for (const [orderBy, after, as] of [
      ['LAST_MODIFIED_ASC', cursor, SERVICE],
      ['ID_ASC', cursor, SERVICE],
      ['ID_DESC', cursor, SERVICE],
      ['NAME_ASC', byId, SERVICE],
      ['NAME_ASC', 'nonsense', SERVICE],
      ['NAME_ASC', flipped.toString('base64url'), SERVICE],
      ['NAME_ASC', `${cursor}=`, SERVICE],
      ['NAME_ASC', cursor, other],
      ['NAME_ASC', cursor, { ...SERVICE, sub: 'another-service' }],
    ] as const) {
      const { data, errors, calls } = await gateway.ask(CONTACTS, { orderBy, first: 1, after }, as)
      expect(data, `${orderBy} ${after}`).toEqual({ contacts: null })
      expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT')
      expect(calls).toEqual([])
    }
    const descending = await gateway.ask(CONTACTS, {
      orderBy: 'NAME_DESC',
      first: 1,
      after: edges[1]?.cursor,
    })
    expect(descending.errors).toEqual([])
  })
})

describe('the complexity', () => {
  it('grows with each list that is sorted by more than the id, whatever was asked before', async () => {
    const names = Array.from(
      { length: 11 },
      (_, i) => `l${i}: contacts(orderBy: $orderBy, first: 1) { totalCount }`,
    )
    const query = `query ($orderBy: ContactOrder) { ${names.join(' ')} }`
    const codeOf = async (orderBy: OrderBy) =>
      (await gateway.ask(query, { orderBy })).errors[0]?.extensions.code
    expect(await codeOf('ID_DESC')).toBe(undefined)
    expect(await codeOf('NAME_ASC')).toBe('QUERY_TOO_COMPLEX')
    expect(await codeOf('LAST_MODIFIED_DESC')).toBe('QUERY_TOO_COMPLEX')
    expect(await codeOf('ID_ASC')).toBe(undefined)
  })

  it('grows with a filter, also when a blank one was asked for before', async () => {
    const names = Array.from(
      { length: 11 },
      (_, i) => `l${i}: contacts(filter: $filter, first: 1) { totalCount }`,
    )
    const query = `query ($filter: ContactFilter) { ${names.join(' ')} }`
    const codeOf = async (search: string) =>
      (await gateway.ask(query, { filter: { search } })).errors[0]?.extensions.code
    expect(await codeOf(' ')).toBe(undefined)
    expect(await codeOf('ann')).toBe('QUERY_TOO_COMPLEX')
  })
})
