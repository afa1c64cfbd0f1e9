import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'

const PAGE = `query ($first: Int, $after: String, $last: Int, $before: String) {
  contacts(first: $first, after: $after, last: $last, before: $before) {
    nodes { id }
    edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`

interface Page {
  readonly nodes: readonly { readonly id: string }[]
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[]
  readonly pageInfo: {
    hasNextPage: boolean
    hasPreviousPage: boolean
    startCursor: string | null
    endCursor: string | null
  }
}

describe('the contacts of a district, page by page', () => {
  let gateway: TestGateway
  let all: readonly string[]
  beforeAll(async () => {
    gateway = await startGateway({ sandbox: { students: 60 } })
    all = gateway.sandbox.districts[0]?.contacts ?? []
  })
  beforeEach(() => gateway.forget())
  afterAll(() => gateway[Symbol.asyncDispose]())

  async function page(variables: Record<string, unknown>): Promise<Page & { calls: readonly string[] }> {
    const { data, errors, calls } = await gateway.ask(PAGE, variables)
    expect(errors).toEqual([])
    return { ...data.contacts, calls }
  }

  it('come forwards, each once and in order, at one call for the first page and then for ever more pages', async () => {
    const ids: string[] = []
    const calls: number[] = []
    let after: string | null = null
    for (let hasNextPage = true; hasNextPage; ) {
      const { nodes, edges, pageInfo, ...asked } = await page({ first: 7, after })
      calls.push(asked.calls.length)
      expect(edges.map(({ node }) => node)).toEqual(nodes)
      expect(pageInfo.hasPreviousPage).toBe(after !== null)
      expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual([edges.at(0)?.cursor, edges.at(-1)?.cursor])
      ids.push(...nodes.map(({ id }) => id))
      hasNextPage = pageInfo.hasNextPage
      after = pageInfo.endCursor
    }
    expect(ids).toEqual(all)
    expectEverFewer(calls)
  })

  it('come backwards from the end, each page still in ascending order, as sparingly', async () => {
    const ids: string[] = []
    const calls: number[] = []
    let before: string | null = null
    for (let hasPreviousPage = true; hasPreviousPage; ) {
      const { nodes, pageInfo, ...asked } = await page({ last: 7, before })
      calls.push(asked.calls.length)
      expect(pageInfo.hasNextPage).toBe(before !== null)
      ids.unshift(...nodes.map(({ id }) => id))
      hasPreviousPage = pageInfo.hasPreviousPage
      before = pageInfo.startCursor
    }
    expect(ids).toEqual(all)
    expectEverFewer(calls)
  })

  /** Each call reads twice as much as all before it. `calls`: of each page. */
  function expectEverFewer(calls: readonly number[]) {
    expect(calls[0]).toBe(1)
    expect(calls.length).toBeGreaterThan(10)
    expect(calls.reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(1 + Math.log2(calls.length))
  }

  it('cost one call for a first page, of one row more than it shows, and none when they are asked for again', async () => {
    const { calls, ...first } = await page({ first: 7 })
    expect(calls).toEqual(['/users?role=contact&limit=8'])
    expect(await page({ first: 7 })).toEqual({ ...first, calls: [] })
    expect((await page({ first: 5 })).calls).toEqual([])
    // A longer one goes on where the first ended, and reads ahead.
    expect((await page({ first: 8 })).calls).toEqual([
      expect.stringMatching(/^\/users\?role=contact&limit=16&starting_after=/),
    ])
  })

  it('end exactly: a last page that is just full has no more behind it', async () => {
    const isMore = async (variables: Record<string, unknown>) => {
      gateway.forget()
      const { nodes, pageInfo } = await page(variables)
      return [nodes.length, pageInfo.hasNextPage, pageInfo.hasPreviousPage]
    }
    const { length } = all
    expect(await isMore({ first: length })).toEqual([length, false, false])
    expect(await isMore({ first: length - 1 })).toEqual([length - 1, true, false])
    expect(await isMore({ last: length })).toEqual([length, false, false])
    expect(await isMore({ last: length - 1 })).toEqual([length - 1, false, true])
  })

  it('come 25 at a time by default', async () => {
    expect((await page({})).nodes.map(({ id }) => id)).toEqual(all.slice(0, 25))
  })

  it('go on from a cursor whose contact has gone', async () => {
    await using changing = await startGateway()
    const district = changing.sandbox.districts[0] ?? expect.unreachable()
    const [first, second, third] = district.contacts
    const { data } = await changing.ask(PAGE, { first: 2 })
    district.removeContact(second ?? '')
    changing.forget()
    const next = await changing.ask(PAGE, { first: 1, after: data.contacts.pageInfo.endCursor })
    expect(data.contacts.nodes).toEqual([{ id: first }, { id: second }])
    expect(next.data.contacts.nodes).toEqual([{ id: third }])
  })

  it('are an empty page behind the last one', async () => {
    const { pageInfo } = await page({ last: 1 })
    const { nodes, pageInfo: behind } = await page({ first: 5, after: pageInfo.endCursor })
    expect(nodes).toEqual([])
    expect(behind).toEqual({ hasNextPage: false, hasPreviousPage: true, startCursor: null, endCursor: null })
  })

  it.each([
    [{ first: 0 }],
    [{ first: 101 }],
    [{ first: -1 }],
    [{ last: 101 }],
    [{ first: 5, last: 5 }],
    [{ first: 5, before: 'Y4UCA7-4RgVGBx72' }],
    [{ last: 5, after: 'Y4UCA7-4RgVGBx72' }],
    [{ after: 'Y4UCA7-4RgVGBx72', before: 'Y4UCA7-4RgVGBx72' }],
    [{ after: 'no cursor' }],
    [{ after: '63850203bfb8460546071ef6' }],
  ])('asked for with %o are refused with BAD_USER_INPUT and no call', async (variables) => {
    const { data, errors, calls } = await gateway.ask(PAGE, variables)
    expect(data).toEqual({ contacts: null })
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT'])
    expect(calls).toEqual([])
  })

  it('are counted only on request', async () => {
    const { data, calls } = await gateway.ask(
      '{ contacts(first: 1) { totalCount nodes { id } } students(first: 1) { nodes { id } } }',
    )
    expect(data.contacts.totalCount).toBe(all.length)
    expect(calls.filter((call) => call.includes('count'))).toEqual(['/users?role=contact&count=true'])
    expect(calls).toHaveLength(3)
  })

  it('have no count, without error, where Clever does not count', async () => {
    await using silent = await startGateway()
    silent.sandbox.faults.add({ path: /count=true/, status: 200, body: '{"data":[],"links":[]}' })
    const { data, errors } = await silent.ask('{ contacts(first: 1) { totalCount nodes { id } } }')
    expect(errors).toEqual([])
    expect(data.contacts).toMatchObject({ totalCount: null, nodes: [{}] })
  })

  it('have no count, with an error, where the counting fails, and the page stays', async () => {
    await using failing = await startGateway()
    failing.sandbox.faults.add({ path: /count=true/, status: 400 })
    const { data, errors } = await failing.ask('{ contacts(first: 1) { totalCount nodes { id } } }')
    expect(data.contacts).toMatchObject({ totalCount: null, nodes: [{}] })
    expect(errors.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['contacts', 'totalCount'], 'UPSTREAM_INVALID_RESPONSE'],
    ])
  })
})
