import { afterAll, beforeAll, expect, it } from 'vitest'
import { MIXED } from '../federation/documented-family.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { type Claims, guardian, startGateway, type TestGateway } from '../support/gateway.ts'
import { type Cast, castIn, principalsOf } from './grid-cast.ts'

const ORDERS = ['ID_DESC', 'NAME_ASC', 'NAME_DESC', 'LAST_MODIFIED_ASC', 'LAST_MODIFIED_DESC'] as const

let gateway: TestGateway
let cast: Omit<Cast, 'relationship'>
let principals: readonly { readonly who: string; readonly claims: Claims }[]

beforeAll(async () => {
  gateway = await startGateway({ sandbox: { districts: 2 }, clock: createFakeClock() })
  cast = castIn(gateway)
  const district = gateway.sandbox.districts[0] ?? expect.unreachable()
  district.addRelationship(cast.guardian, {
    student: cast.target,
    relationship: 'Grandparent',
    type: 'Parent/Guardian',
  })
  district.addRelationship(cast.between, { student: cast.target, relationship: 'Sibling', type: 'Emergency' })
  principals = [
    ...principalsOf(gateway, { ...cast, relationship: '' }),
    { who: 'the mother', claims: guardian(cast.mother) },
    { who: 'a guardian who sees one student with contacts and one without', claims: guardian(cast.guardian) },
    { who: 'a guardian who is related through others', claims: guardian(cast.between) },
    { who: 'the documented contact', claims: guardian(MIXED) },
    { who: 'two contacts in one', claims: guardian(MIXED, cast.mother) },
  ]
})
afterAll(() => gateway[Symbol.asyncDispose]())

interface Node {
  readonly id: string
  readonly displayName: string | null
  readonly lastModifiedAt: string | null
  readonly name: {
    readonly last: string | null
    readonly first: string | null
    readonly middle: string | null
  }
}

const queryFor = (kind: 'contacts' | 'students') => {
  const type = kind === 'contacts' ? 'Contact' : 'Student'
  return `query ($orderBy: ${type}Order, $filter: ${type}Filter, $first: Int, $after: String, $last: Int, $before: String) {
    ${kind}(districtId: "${cast.district}", orderBy: $orderBy, filter: $filter, first: $first, after: $after, last: $last, before: $before) {
      totalCount
      nodes { id displayName lastModifiedAt name { last first middle } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }`
}

async function readAll(
  kind: 'contacts' | 'students',
  claims: Claims,
  variables: object,
  direction: 'forwards' | 'backwards' = 'forwards',
) {
  const nodes: Node[] = []
  let cursor: string | null = null
  for (;;) {
    const paging = direction === 'forwards' ? { first: 16, after: cursor } : { last: 16, before: cursor }
    const { data, errors } = await gateway.ask(queryFor(kind), { ...variables, ...paging }, claims)
    expect(errors).toEqual([])
    const page = data[kind]
    if (page === null) return null
    if (direction === 'forwards') nodes.push(...page.nodes)
    else nodes.unshift(...page.nodes)
    if (!(direction === 'forwards' ? page.pageInfo.hasNextPage : page.pageInfo.hasPreviousPage))
      return { nodes, count: page.totalCount }
    cursor = direction === 'forwards' ? page.pageInfo.endCursor : page.pageInfo.startCursor
  }
}

/** By what is shown to the viewer, and by nothing else. */
function sortedByWhatIsShown(
  kind: 'contacts' | 'students',
  nodes: readonly Node[],
  orderBy: (typeof ORDERS)[number],
): readonly Node[] {
  const { compare } = new Intl.Collator('en-US')
  const textsOf = ({ displayName, name, lastModifiedAt }: Node): readonly string[] => {
    if (orderBy.startsWith('ID')) return []
    if (orderBy.startsWith('LAST')) return lastModifiedAt === null ? [] : [lastModifiedAt]
    const texts = kind === 'contacts' ? [displayName] : [name.last, name.first, name.middle]
    return texts.filter((text) => text !== null)
  }
  const ascending = nodes.toSorted((a, b) => {
    const [left, right] = [textsOf(a), textsOf(b)]
    const isLast = Number(left.length === 0) - Number(right.length === 0)
    const byText = [0, 1, 2].map((i) => compare(left[i] ?? '', right[i] ?? '')).find((each) => each !== 0)
    return isLast || byText || (a.id < b.id ? -1 : 1)
  })
  return orderBy.endsWith('DESC') ? ascending.reverse() : ascending
}

const CASES = [
  { kind: 'contacts', filter: {}, orders: ORDERS },
  { kind: 'students', filter: {}, orders: ORDERS },
  { kind: 'contacts', filter: { search: 'a' }, orders: ['NAME_ASC'] },
  { kind: 'contacts', filter: { types: ['PARENT_GUARDIAN', 'EMERGENCY'] }, orders: ['LAST_MODIFIED_DESC'] },
  { kind: 'students', filter: { hasContacts: true }, orders: ['NAME_DESC'] },
] as const

it.each(CASES)(
  'each viewer sees the same $kind in each order as in none, sorted by nothing that is hidden: filter $filter',
  async ({ kind, filter, orders }) => {
    let compared = 0
    for (const { who, claims } of principals) {
      const plain = await readAll(kind, claims, { filter })
      for (const orderBy of orders) {
        const expected = plain && {
          nodes: sortedByWhatIsShown(kind, plain.nodes, orderBy),
          count: plain.count,
        }
        const directions =
          orderBy === 'NAME_DESC' ? (['forwards', 'backwards'] as const) : (['forwards'] as const)
        for (const direction of directions) {
          const found = await readAll(kind, claims, { filter, orderBy }, direction)
          expect(found, `${who}, by ${orderBy}, ${direction}`).toEqual(expected)
        }
        compared += plain?.nodes.length ?? 0
      }
    }
    // Not because nothing is shown to anyone.
    expect(compared).toBeGreaterThan(50)
  },
)

it('a viewer who may not see lastModifiedAt of contacts gets them by id, whatever changed last', async () => {
  const district = gateway.sandbox.districts[0] ?? expect.unreachable()
  const claims = guardian(cast.mother, cast.guardian)
  const before = await readAll('contacts', claims, { orderBy: 'LAST_MODIFIED_DESC' })
  const ids = before?.nodes.map(({ id }) => id) ?? []
  expect(ids.length).toBeGreaterThan(2)
  expect(ids).toEqual(ids.toSorted().reverse())
  district.addRelationship(ids.at(-1) ?? '', { student: district.students.at(-1) ?? '', type: 'Other' })
  gateway.forget()
  const after = await readAll('contacts', claims, { orderBy: 'LAST_MODIFIED_DESC' })
  expect(after?.nodes.map(({ id }) => id)).toEqual(ids)
})

it('a viewer who may see no list costs no call by any order', async () => {
  const claims = {
    clever_kind: 'service',
    sub: 'x',
    scope: 'students:read',
    clever_district_ids: [cast.district],
  }
  gateway.forget()
  for (const orderBy of ORDERS) {
    const { data, calls } = await gateway.ask(queryFor('contacts'), { orderBy }, claims)
    expect([data.contacts.nodes, data.contacts.totalCount, calls]).toEqual([[], 0, []])
  }
})
