import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'

interface FakeUser {
  readonly id: string
  readonly role: 'student' | 'contact'
  readonly entries?: readonly { readonly student: string; readonly relationship: string }[]
}

export const FAKE_DISTRICT = '64d000000000000000000001'

/**
 * A small Clever on loopback, of users with ids of one's choice. It counts, compares cursors, gives at most `maxRows` a page, and
 * links only to next pages.
 */
export async function startFakeClever(users: readonly FakeUser[], maxRows = 10_000) {
  const calls: {
    readonly method: string
    readonly path: string
    readonly query: string
    readonly status: number
  }[] = []
  const record = ({ id, role, entries = [] }: FakeUser) => ({
    id,
    district: FAKE_DISTRICT,
    name: { first: 'Ada', last: 'Example' },
    roles: { [role]: role === 'contact' ? { student_relationships: entries } : {} },
  })

  function answer(path: string, query: URLSearchParams): object | undefined {
    if (path === `/districts/${FAKE_DISTRICT}`) return { data: { id: FAKE_DISTRICT, name: 'Fake' } }
    if (path !== '/users') {
      const user = users.find(({ id }) => path === `/users/${id}`)
      return user && { data: record(user) }
    }
    if (query.get('count') === 'true')
      return { count: users.filter(({ role }) => role === query.get('role')).length }
    const [after, before] = [query.get('starting_after'), query.get('ending_before')]
    const limit = Math.min(Number(query.get('limit') ?? 100), maxRows)
    const there = users
      .filter(({ id, role }) => role === query.get('role') && id > (after ?? '') && (!before || id < before))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    const page = before ? there.slice(-limit) : there.slice(0, limit)
    const next = `/v3.1/users?role=${query.get('role')}&limit=${limit}&starting_after=${page.at(-1)?.id}`
    const hasNext = !before && page.length < there.length
    return {
      data: page.map((user) => ({ data: record(user), uri: `/v3.1/users/${user.id}` })),
      links: hasNext ? [{ rel: 'next', uri: next }] : [],
    }
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://fake')
    const body = answer(pathname.replace('/v3.1', ''), searchParams)
    const status = body === undefined ? 404 : 200
    calls.push({ method: 'GET', path: pathname, query: searchParams.toString(), status })
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(body ?? { message: 'not found' }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const sandbox = {
    url,
    districts: [{ id: FAKE_DISTRICT, token: 'fake-token' }],
    calls: { all: () => calls, count: () => calls.length },
  }
  return {
    /** As far as the test gateway needs one. */
    sandbox: sandbox as unknown as Sandbox,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
