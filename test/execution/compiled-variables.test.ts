import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SANDBOX_CONTACT } from '../../src/http/graphiql-tabs.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
afterAll(() => gateway[Symbol.asyncDispose]())

describe('an operation that is used again, and so compiled', () => {
  const thrice = async (query: string, variables?: Record<string, unknown>) => {
    const replies = []
    for (let use = 0; use < 3; use += 1) {
      const { data, errors } = await gateway.ask(query, variables)
      replies.push({ data, errors })
      await new Promise(setImmediate)
    }
    return replies
  }

  it.each([
    ['query ($n: Int! = 2) { contacts(first: $n) { nodes { id } } }'],
    [`query ($id: ID! = "${SANDBOX_CONTACT}") { contact(id: $id) { id } }`],
    ['query ($on: Boolean! = true) { contactsViewer { kind @include(if: $on) } }'],
    ['query ($f: ContactFilter! = { search: "collins" }) { contacts(filter: $f) { totalCount } }'],
  ])('takes the default of a variable that must not be null: %s', async (query) => {
    for (const reply of await thrice(query)) expect(reply.errors).toEqual([])
  })

  it.each([
    ['relationship', ['X']],
    ['search', 5],
    ['hasPhone', 'x'],
    ['warning', [null]],
  ])('names the variable that does not fit, and not the field %s within it', async (field, value) => {
    const query = 'query ($filter: ContactFilter) { contacts(filter: $filter) { totalCount } }'
    for (const reply of await thrice(query, { filter: { [field]: value } }))
      expect(reply.errors[0]?.message).toBe('Variable "$filter" does not fit its type.')
  })

  it('refuses null for a condition, as it does while it is not compiled', async () => {
    const query = `query ($off: Boolean = true) { contact(id: "${SANDBOX_CONTACT}") { id displayName @skip(if: $off) } }`
    for (const reply of await thrice(query, { off: null }))
      expect(reply.errors[0]?.extensions.code).toBe('BAD_USER_INPUT')
  })
})

describe('the limit of complexity', () => {
  const page =
    'contacts(first: $n) { nodes { relationships { student { relationships { contact { relationships { id } } } } } } }'
  const query = `query ($n: Int) { a: ${page} b: ${page} c: ${page} d: ${page} e: ${page} }`

  it.each<[string, object, object]>([
    ['a list of as many elements', { n: Array(100).fill(0) }, { n: 100 }],
    ['a name with the same text in it', { 'n:100;x': 1 }, { n: 100, x: 1 }],
  ])('holds for a number after %s was measured', async (what, harmless, harmful) => {
    const text = `# ${what}\n${query}`
    await gateway.ask(text, harmless as Record<string, unknown>)
    const { errors } = await gateway.ask(text, harmful as Record<string, unknown>)
    expect(errors[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX')
  })
})
