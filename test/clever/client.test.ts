import { describe, expect, it } from 'vitest'
import { CleverAnswerInvalid, CleverPathRefused } from '../../src/model/clever-errors.ts'
import { UNREADABLE } from '../../src/model/codec.ts'
import { parseUserId } from '../../src/model/ids.ts'
import { callerWaiting, startClever } from '../support/clever.ts'

const CONTACT = parseUserId('63850203bfb8460546071ef6') ?? expect.unreachable()
const CHILD = parseUserId('63850203bfb8460546071e6e') ?? expect.unreachable()

function contact(id: string, role: object = { student_relationships: [] }) {
  return { data: { id, name: { last: 'Someone' }, roles: { contact: role } }, uri: `/v3.1/users/${id}` }
}

/** An id between those of b and c. */
const BETWEEN = `${'b'.repeat(23)}c`

const list = (...items: unknown[]) => JSON.stringify({ data: items, links: [] })

describe('a page of users', () => {
  it('goes through the whole district by ranges of ids, each user once, in ascending order', async () => {
    await using clever = await startClever({ students: 60 })
    const ids: string[] = []
    let beyond: ReturnType<typeof parseUserId>
    for (let hasMore = true; hasMore; ) {
      const range = { role: 'contact', direction: 'forwards', beyond, limit: 20 } as const
      const { rows, isLast } = await clever.district.range(range, callerWaiting())
      ids.push(...Array.from(rows, ({ id }) => id))
      hasMore = !isLast
      beyond = rows.at(-1)?.id
    }
    expect(ids).toEqual(clever.sandbox.districts[0]?.contacts)
  })

  it('holds exactly as many as asked for: one that is just full does not say that it is the last', async () => {
    await using clever = await startClever()
    const contacts = clever.sandbox.districts[0]?.contacts ?? []
    const read = (limit: number, beyond?: string) =>
      clever.district.range({ role: 'contact', direction: 'forwards', beyond, limit }, callerWaiting())
    expect(await read(contacts.length)).toMatchObject({ rows: { length: contacts.length }, isLast: false })
    expect(await read(contacts.length + 1)).toMatchObject({ rows: { length: contacts.length }, isLast: true })
    expect(await read(1, contacts.at(-1))).toMatchObject({ rows: { length: 0 }, isLast: true })
    expect(clever.sandbox.calls.all().map(({ query }) => query)).toEqual([
      `role=contact&limit=${contacts.length}`,
      `role=contact&limit=${contacts.length + 1}`,
      `role=contact&limit=1&starting_after=${contacts.at(-1)}`,
    ])
  })

  it('begins at the end when it goes backwards, and stays in ascending order', async () => {
    await using clever = await startClever()
    const contacts = clever.sandbox.districts[0]?.contacts ?? []
    const range = { role: 'contact', direction: 'backwards', beyond: undefined, limit: 5 } as const
    const page = await clever.district.range(range, callerWaiting())
    expect(Array.from(page.rows, ({ id }) => id)).toEqual(contacts.slice(-5))
    expect(page.isLast).toBe(false)
  })

  it.each([
    ['nothing', null, 'nameless'],
    ['no object', 'a string', 'nameless'],
    ['a record without an id', { data: { roles: {} } }, 'nameless'],
    ['an id that is none', contact('../districts'), 'nameless'],
    ['a record without roles', { data: { id: BETWEEN } }, 'named'],
    ['roles that are a list', { data: { id: BETWEEN, roles: ['contact'] } }, 'named'],
  ])(
    'sets %s aside, counts it, and keeps the rest, and its place if it has an id',
    async (_name, bad, kind) => {
      await using clever = await startClever()
      clever.sandbox.faults.add({
        path: '/users',
        status: 200,
        body: list(contact('b'.repeat(24)), bad, contact('c'.repeat(24))),
      })
      const range = { role: 'contact', direction: 'forwards', beyond: undefined, limit: 10 } as const
      const page = await clever.district.range(range, callerWaiting())
      const place = kind === 'named' ? [{ id: BETWEEN, encoded: UNREADABLE }] : []
      expect([...page.rows]).toMatchObject([
        { id: 'b'.repeat(24), encoded: expect.stringContaining('Someone') },
        ...place,
        { id: 'c'.repeat(24), encoded: expect.stringContaining('Someone') },
      ])
      expect(page.hasNameless).toBe(kind === 'nameless')
      const { values } = await clever.metrics.recordsSkipped.get()
      expect(values).toEqual([{ labels: { route: '/users?role=contact' }, value: 1 }])
    },
  )

  it.each([
    ['the garble of a list', '{"data":{}}'],
    ['a string', '"hello"'],
    ['null', 'null'],
  ])('is refused whole when it is %s', async (_name, body) => {
    await using clever = await startClever()
    const headers = { 'content-type': 'application/json' }
    clever.sandbox.faults.add({ path: '/users', status: 200, body, headers })
    const range = { role: 'contact', direction: 'forwards', beyond: undefined, limit: 10 } as const
    await expect(clever.district.range(range, callerWaiting())).rejects.toBeInstanceOf(CleverAnswerInvalid)
  })

  it('that is 404 means a token that may not list, not an empty district', async () => {
    await using clever = await startClever()
    clever.sandbox.faults.add({ path: '/users', status: 404, body: '<pre>Cannot GET /v3.1/users</pre>' })
    const range = { role: 'contact', direction: 'forwards', beyond: undefined, limit: 10 } as const
    await expect(clever.district.range(range, callerWaiting())).rejects.toBeInstanceOf(CleverPathRefused)
    await expect(clever.district.count('contact', callerWaiting())).rejects.toBeInstanceOf(CleverPathRefused)
  })
})

describe('the contacts of a student', () => {
  it('are read page after page, by the links that Clever gives', async () => {
    await using clever = await startClever()
    const next = `/v3.1/users/${CHILD}/mycontacts?starting_after=${'b'.repeat(24)}`
    const first = JSON.stringify({ data: [contact('b'.repeat(24))], links: [{ rel: 'next', uri: next }] })
    clever.sandbox.faults.add({ path: `/users/${CHILD}/mycontacts`, times: 1, status: 200, body: first })
    clever.sandbox.faults.add({ path: /starting_after/, status: 200, body: list(contact('c'.repeat(24))) })
    const contacts = await clever.district.contactsOf(CHILD, callerWaiting())
    expect(contacts.map(({ id }) => id)).toEqual(['b'.repeat(24), 'c'.repeat(24)])
  })

  it.each(['https://example.com/v3.1/users', '//example.com/v3.1/users', '/oauth/tokens', '/v3.0/users'])(
    'are not read on from a link to %s, which would get the token',
    async (uri) => {
      await using clever = await startClever()
      const body = JSON.stringify({ data: [], links: [{ rel: 'next', uri }] })
      clever.sandbox.faults.add({ path: `/users/${CHILD}/mycontacts`, status: 200, body })
      await expect(clever.district.contactsOf(CHILD, callerWaiting())).rejects.toBeInstanceOf(
        CleverAnswerInvalid,
      )
      expect(clever.sandbox.calls.count()).toBe(1)
    },
  )

  it('end, even if Clever leads in circles', async () => {
    await using clever = await startClever()
    const path = `/users/${CHILD}/mycontacts`
    const body = JSON.stringify({ data: [], links: [{ rel: 'next', uri: `/v3.1${path}` }] })
    clever.sandbox.faults.add({ path, status: 200, body })
    await expect(clever.district.contactsOf(CHILD, callerWaiting())).rejects.toBeInstanceOf(
      CleverAnswerInvalid,
    )
    expect(clever.sandbox.calls.count()).toBe(2)
  })

  it('of a student who is not shared are none', async () => {
    await using clever = await startClever()
    const [unshared] = clever.sandbox.districts[0]?.unsharedStudents ?? []
    const id = parseUserId(unshared ?? '') ?? expect.unreachable()
    expect(await clever.district.contactsOf(id, callerWaiting())).toEqual([])
  })
})

describe('what a district writes', () => {
  it.each([
    ['an empty string', ''],
    ['white space', '  \t'],
    ['a missing key', undefined],
    ['null', null],
    ['a truth value', true],
  ])('as %s counts as nothing', async (_name, value) => {
    await using clever = await startClever()
    const role = {
      phone: value,
      phone_type: value,
      sis_id: value,
      student_relationships: [{ student: CHILD, relationship: value, type: value }],
    }
    const data = { id: CONTACT, name: value, email: value, created: value, roles: { contact: role } }
    clever.sandbox.faults.add({ path: `/users/${CONTACT}`, status: 200, body: JSON.stringify({ data }) })
    const user = await clever.district.user(CONTACT, callerWaiting())
    const unspecified = { value: 'UNSPECIFIED', raw: undefined, isKnown: true }
    expect(user?.contact).toMatchObject({
      email: undefined,
      phone: undefined,
      sisId: undefined,
      createdAt: undefined,
      phoneType: unspecified,
    })
    expect(user?.contact?.name).toEqual({ first: undefined, middle: undefined, last: undefined })
    expect(user?.contact?.relationships).toEqual([
      { studentId: CHILD, relationship: unspecified, type: unspecified },
    ])
  })

  it('outside of the vocabulary is OTHER with the raw word beside it, and is counted', async () => {
    await using clever = await startClever()
    const role = {
      student_relationships: [{ student: CHILD, relationship: 'Guardian', type: 'constructor' }],
    }
    const data = { id: CONTACT, roles: { contact: role } }
    clever.sandbox.faults.add({ path: `/users/${CONTACT}`, status: 200, body: JSON.stringify({ data }) })
    const user = await clever.district.user(CONTACT, callerWaiting())
    expect(user?.contact?.relationships).toEqual([
      {
        studentId: CHILD,
        relationship: { value: 'OTHER', raw: 'Guardian', isKnown: false },
        type: { value: 'OTHER', raw: 'constructor', isKnown: false },
      },
    ])
    const { values } = await clever.metrics.unknownValues.get()
    expect(values.map(({ labels, value }) => [labels.field, value])).toEqual([
      ['relationship', 1],
      ['type', 1],
    ])
  })

  it('as a relationship without a student is left out, and the others stay', async () => {
    await using clever = await startClever()
    const entries = [
      { relationship: 'Parent' },
      null,
      'x',
      { student: 'nobody', relationship: 'Parent' },
      { student: CHILD, relationship: 'Parent' },
    ]
    const data = { id: CONTACT, roles: { contact: { student_relationships: entries } } }
    clever.sandbox.faults.add({ path: `/users/${CONTACT}`, status: 200, body: JSON.stringify({ data }) })
    const user = await clever.district.user(CONTACT, callerWaiting())
    expect(user?.contact?.relationships.map(({ studentId }) => studentId)).toEqual([CHILD])
  })
})
