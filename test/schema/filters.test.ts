import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

interface Entry {
  readonly relationship: string
  readonly type: string
}

interface Shown {
  readonly id: string
  readonly displayName: string | null
  readonly email: { readonly raw: string } | null
  readonly phone: { readonly raw: string } | null
  readonly dataWarnings: readonly { readonly code: string }[]
  readonly relationships: readonly Entry[]
}

const CONTACTS = `query ($filter: ContactFilter, $first: Int, $after: String, $last: Int, $before: String) {
  contacts(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
    totalCount
    nodes { id }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`
const STUDENTS = `query ($filter: StudentFilter) {
  students(filter: $filter, first: 100) { totalCount nodes { id } }
}`

const idsOf = (nodes: readonly { readonly id: string }[]) => nodes.map(({ id }) => id)

describe('the contacts of a district, filtered', () => {
  let gateway: TestGateway
  let all: readonly Shown[]
  beforeAll(async () => {
    gateway = await startGateway({ sandbox: { students: 60 } })
    const { data } = await gateway.ask(
      `{ contacts(first: 100) { nodes { id displayName email { raw } phone { raw } dataWarnings { code } relationships { relationship type } } } }`,
    )
    all = data.contacts.nodes
  })
  beforeEach(() => gateway.forget())
  afterAll(() => gateway[Symbol.asyncDispose]())

  async function find(filter: object, paging: object = { first: 100 }) {
    const { data, errors, calls, extensions } = await gateway.ask(CONTACTS, { filter, ...paging })
    expect(errors).toEqual([])
    expect(extensions?.cost.calls).toBe(calls.length)
    return { ...data.contacts, ids: idsOf(data.contacts.nodes), calls }
  }

  it.each<[string, object, (contact: Shown) => boolean]>([
    ['nothing', {}, () => true],
    ['nulls', { relationships: null, hasEmail: null, search: null, warnings: null }, () => true],
    [
      'a relationship',
      { relationships: ['GRANDPARENT', 'AUNT_UNCLE'] },
      (one) => one.relationships.some(({ relationship }) => /GRANDPARENT|AUNT_UNCLE/.test(relationship)),
    ],
    ['a type', { types: 'EMERGENCY' }, (one) => one.relationships.some(({ type }) => type === 'EMERGENCY')],
    [
      'a relationship and a type of one entry',
      { relationships: 'PARENT', types: 'PARENT_GUARDIAN' },
      (one) =>
        one.relationships.some(
          (entry) => entry.relationship === 'PARENT' && entry.type === 'PARENT_GUARDIAN',
        ),
    ],
    ['an e-mail', { hasEmail: true }, (one) => one.email !== null],
    ['no e-mail', { hasEmail: false }, (one) => one.email === null],
    ['a phone', { hasPhone: true }, (one) => one.phone !== null],
    ['no address', { hasEmail: false, hasPhone: false }, (one) => one.email === null && one.phone === null],
    [
      'a warning',
      { warnings: ['INVALID_EMAIL', 'INVALID_PHONE'] },
      (one) => one.dataWarnings.some(({ code }) => /INVALID/.test(code)),
    ],
    [
      'a warning about students',
      { warnings: 'UNKNOWN_STUDENT' },
      (one) => one.dataWarnings.some(({ code }) => code === 'UNKNOWN_STUDENT'),
    ],
    [
      'a name',
      { search: 'A' },
      (one) =>
        /(^|[^\p{L}])[aá]/iu.test(one.displayName ?? '') ||
        (one.email?.raw.toLowerCase().startsWith('a') ?? false),
    ],
    [
      'a name, an e-mail and a word',
      { search: 'a', hasEmail: true, types: ['PARENT_GUARDIAN'] },
      (one) =>
        one.email !== null &&
        (/(^|[^\p{L}])[aá]/iu.test(one.displayName ?? '') || one.email.raw.toLowerCase().startsWith('a')) &&
        one.relationships.some(({ type }) => type === 'PARENT_GUARDIAN'),
    ],
  ])('by %s are those for whom it is so, and counted so', async (_name, filter, isSo) => {
    const expected = idsOf(all.filter(isSo))
    expect(expected).not.toEqual([])
    const { ids, totalCount, pageInfo } = await find(filter)
    expect(ids).toEqual(expected)
    expect(totalCount).toBe(expected.length)
    expect(pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false })
  })

  it('cost one call for the page and the count together, and none when it is known', async () => {
    const first = await find({ search: 'a' }, { first: 2 })
    expect(first.calls).toEqual(['/users?role=contact&limit=10000'])
    expect(await find({ search: 'a' }, { first: 2 })).toEqual({ ...first, calls: [] })
    expect((await find({ hasEmail: false })).calls).toEqual([])
  })

  it('cost one call more for the students where it is asked whether they are there', async () => {
    const { calls } = await find({ warnings: 'UNKNOWN_STUDENT' })
    expect(calls.toSorted()).toEqual(['/users?role=contact&limit=10000', '/users?role=student&limit=10000'])
  })

  it('come page by page in either direction, each once and in order', async () => {
    const { ids: expected } = await find({ search: 'a' })
    const [up, down]: string[][] = [[], []]
    for (let after: string | null = null, more = true; more; ) {
      const { ids, totalCount, pageInfo } = await find({ search: 'a' }, { first: 3, after })
      up?.push(...ids)
      expect(totalCount).toBe(expected.length)
      ;({ endCursor: after, hasNextPage: more } = pageInfo)
    }
    for (let before: string | null = null, more = true; more; ) {
      const { ids, pageInfo } = await find({ search: 'a' }, { last: 3, before })
      down?.unshift(...ids)
      ;({ startCursor: before, hasPreviousPage: more } = pageInfo)
    }
    expect(up).toEqual(expected)
    expect(down).toEqual(expected)
  })

  it('end exactly: a last page that is just full has no more behind it', async () => {
    const { length } = (await find({ search: 'a' })).ids
    expect((await find({ search: 'a' }, { first: length })).pageInfo.hasNextPage).toBe(false)
    expect((await find({ search: 'a' }, { first: length - 1 })).pageInfo.hasNextPage).toBe(true)
    expect((await find({ search: 'a' }, { last: length })).pageInfo.hasPreviousPage).toBe(false)
    expect((await find({ search: 'nobody is called that' })).pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: null,
      endCursor: null,
    })
  })

  it('go on from a cursor when contacts come and go between the pages', async () => {
    await using changing = await startGateway({ ages: { displayMs: 0, decisionMs: 0 } })
    const district = changing.sandbox.districts[0] ?? expect.unreachable()
    const page = async (paging: object) => {
      const { data } = await changing.ask(CONTACTS, { filter: { hasEmail: true }, ...paging })
      return data.contacts
    }
    const before = idsOf((await page({ first: 100 })).nodes)
    const { nodes, pageInfo } = await page({ first: 2 })
    district.removeContact(nodes[1].id)
    district.removeContact(before[2] ?? '')
    const moved = district.correctEmail(before[4] ?? '', 'new@example.org')
    const rest = await page({ first: 100, after: pageInfo.endCursor })
    const left = [before[3] ?? '', ...before.slice(5)]
    const isBehind = moved > (nodes[1].id as string)
    expect(idsOf(rest.nodes)).toEqual((isBehind ? [...left, moved] : left).toSorted())
  })

  it('are looked through once for a count, however often it is selected', async () => {
    await using forgetful = await startGateway({ ages: { displayMs: 0 } })
    const aliases = Array.from({ length: 100 }, (_, i) => `n${i}: totalCount`).join(' ')
    const { data, calls } = await forgetful.ask(`{ contacts(filter: { search: "a" }) { ${aliases} } }`)
    expect(new Set(Object.values(data.contacts)).size).toBe(1)
    expect(calls).toEqual(Array(2).fill('/users?role=contact&limit=10000'))
  })

  it.each([
    { search: '-' },
    { search: 'a'.repeat(101) },
    { search: 'a', after: 'no cursor' },
    { search: 'a', first: 101 },
    { search: 'a', first: 2, last: 2 },
  ])('asked for with %o are refused with BAD_USER_INPUT and no call', async ({ search, ...paging }) => {
    const { data, errors, calls } = await gateway.ask(CONTACTS, { filter: { search }, ...paging })
    expect(data).toEqual({ contacts: null })
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT'])
    expect(calls).toEqual([])
  })

  it.each(['', ' '])(
    'are all of them where the search is %j, as in a box that was cleared',
    async (search) => {
      const { data, errors } = await gateway.ask(CONTACTS, { filter: { search } })
      expect(errors).toEqual([])
      expect(data.contacts.totalCount).toBe(gateway.sandbox.districts[0]?.contacts.length)
    },
  )

  it.each(['no id', '63850203BFB8460546071EF6'])(
    'whose students are asked for by the school %j, which is none, are nobody',
    async (schoolId) => {
      const { data, errors } = await gateway.ask(STUDENTS, { filter: { schoolId } })
      expect([data.students.nodes, errors]).toEqual([[], []])
    },
  )

  it('may be asked for with their relationships and students, a full page, and not in many aliases', async () => {
    const list = '(first: 100, filter: { search: "a" }) { totalCount nodes { id'
    const rich = `{ contacts${list} relationships { type student { displayName grade } } } } }`
    expect((await gateway.ask(rich)).errors).toEqual([])
    gateway.forget()
    const aliases = Array.from({ length: 10 }, (_, i) => `c${i}: contacts${list} } }`)
    const { data, errors, calls } = await gateway.ask(`{ ${aliases.join(' ')} }`)
    expect(data).toBeUndefined()
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(new Set(['QUERY_TOO_COMPLEX']))
    expect(calls).toEqual([])
  })
})

describe('the students of a district, filtered', () => {
  let gateway: TestGateway
  let all: readonly {
    id: string
    displayName: string
    grade: string
    schoolIds: string[]
    relationships: object[]
  }[]
  beforeAll(async () => {
    gateway = await startGateway({ sandbox: { students: 60 } })
    const district = gateway.sandbox.districts[0] ?? expect.unreachable()
    // Somebody without contacts.
    const [lonely = ''] = district.students
    for (const { id } of district.roster.contactsOf(lonely)) district.endRelationship(id, lonely)
    const { data } = await gateway.ask(
      '{ students(first: 100) { nodes { id displayName grade schoolIds relationships { id } } } }',
    )
    all = data.students.nodes
  })
  beforeEach(() => gateway.forget())
  afterAll(() => gateway[Symbol.asyncDispose]())

  async function find(filter: object) {
    const { data, errors, calls } = await gateway.ask(STUDENTS, { filter })
    expect(errors).toEqual([])
    expect(data.students.totalCount).toBe(data.students.nodes.length)
    return { ids: idsOf(data.students.nodes), calls }
  }

  it('by nothing are all', async () => {
    expect((await find({})).ids).toEqual(idsOf(all))
  })

  it('by a grade or a school are those in it', async () => {
    const { grade = '', schoolIds: [schoolId = ''] = [] } = all[3] ?? {}
    expect((await find({ grade: grade.toUpperCase() })).ids).toEqual(
      idsOf(all.filter((one) => one.grade === grade)),
    )
    expect((await find({ schoolId })).ids).toEqual(
      idsOf(all.filter((one) => one.schoolIds.includes(schoolId))),
    )
    expect((await find({ schoolId, grade })).ids).toContain(all[3]?.id)
  })

  it('by a search are found by the name', async () => {
    const { id = '', displayName = '' } = all[5] ?? {}
    const { ids, calls } = await find({ search: displayName.toLowerCase() })
    expect(ids).toContain(id)
    expect(calls).toEqual(['/users?role=student&limit=10000'])
  })

  it('with and without contacts are all, for two calls', async () => {
    const [without, withSome] = [await find({ hasContacts: false }), await find({ hasContacts: true })]
    expect(without.ids).toEqual(idsOf(all.filter(({ relationships }) => relationships.length === 0)))
    expect(without.ids).toHaveLength(1)
    expect(withSome.ids).toEqual(idsOf(all.filter(({ relationships }) => relationships.length > 0)))
    expect(without.calls.toSorted()).toEqual([
      '/users?role=contact&limit=10000',
      '/users?role=student&limit=10000',
    ])
    expect(withSome.calls).toEqual([])
  })
})

describe('a district of more than a page', () => {
  const search = (text: string) =>
    `{ contacts(first: 5, filter: { search: "${text}" }) { nodes { id } pageInfo { hasNextPage } } }`
  const everywhere = `{ contacts(first: 5, filter: { search: "nobody is called that" }) { totalCount nodes { id } } }`
  let big: Sandbox
  beforeAll(async () => {
    big = await startSandbox({ students: 1_000, contacts: 10_100 })
  })
  afterAll(() => big.close())

  it('is read no further than the page that is asked for', async () => {
    await using gateway = await startGateway({ over: big })
    const { data, calls } = await gateway.ask(search('a'))
    expect(data.contacts).toMatchObject({ nodes: Array(5).fill({}), pageInfo: { hasNextPage: true } })
    expect(calls).toEqual(['/users?role=contact&limit=10000'])

    const { calls: rest } = await gateway.ask(everywhere)
    expect(rest).toHaveLength(1)
    expect((await gateway.ask(everywhere)).calls).toEqual([])

    const { data: warned, calls: forStudents } = await gateway.ask(
      '{ contacts(first: 5, filter: { warnings: UNKNOWN_STUDENT }) { nodes { id } } }',
    )
    expect(warned.contacts.nodes).toHaveLength(5)
    expect(forStudents).toEqual(['/users?role=student&limit=10000'])
  })

  it.each([
    ['nothing may be remembered', { ages: { displayMs: 0 } }],
    ['it does not fit into memory', { maxBytes: 1_000_000 }],
  ])('is looked through all the same where %s, page by page', async (_why, options) => {
    await using gateway = await startGateway({ over: big, requestTimeout: 60_000, ...options })
    const contacts = gateway.sandbox.districts[0]?.contacts ?? []
    const last = gateway.sandbox.districts[0]?.roster.user(contacts.at(-1) ?? '')
    const find = () =>
      gateway.ask(
        'query ($search: String) { contacts(first: 100, filter: { search: $search }) { nodes { id } } }',
        { search: last?.name.last },
      )
    const { data, errors, calls } = await find()
    expect(errors).toEqual([])
    expect(idsOf(data.contacts.nodes)).toContain(contacts.at(-1))
    // Once in a district's life it is seen that it does not fit.
    expect(calls.length).toBeLessThanOrEqual(8)
    const again = await find()
    expect(again.data).toEqual(data)
    expect(again.calls.length).toBeLessThanOrEqual(3)
  })

  it('is found in by a Clever too that looks cursors up', async () => {
    await using gateway = await startGateway({ sandbox: { students: 30, cursors: 'lookups' } })
    const contacts = gateway.sandbox.districts[0]?.contacts ?? []
    const { data } = await gateway.ask('{ contacts(first: 100, filter: {}) { totalCount nodes { id } } }')
    expect(idsOf(data.contacts.nodes)).toEqual(contacts)
  })
})

describe('a list that is looked through', () => {
  it('is given up at the end of the time that the request has', async () => {
    await using gateway = await startGateway({ requestTimeout: 500, sandbox: { students: 30 } })
    gateway.sandbox.faults.add({ path: /role=contact/, delayMs: 1_000 })
    const { data, errors } = await gateway.ask('{ contacts(filter: { hasEmail: true }) { nodes { id } } }')
    expect(data).toEqual({ contacts: null })
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['UPSTREAM_TIMEOUT'])
  })
})
