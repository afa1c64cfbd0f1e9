import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CHILD, DISTRICT, MIXED } from '../federation/documented-family.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(() => gateway.forget())
afterAll(() => gateway[Symbol.asyncDispose]())

const CONTACTS = '{ nodes { id } pageInfo { hasNextPage hasPreviousPage endCursor } }'

/** A field with arguments, and the same without those that say nothing. */
const PAIRS: readonly (readonly [blank: string, plain: string])[] = [
  [`contact(id: "${MIXED}", districtId: BLANK) { id }`, `contact(id: "${MIXED}") { id }`],
  [`student(id: "${CHILD}", districtId: BLANK) { id }`, `student(id: "${CHILD}") { id }`],
  ['district(id: BLANK) { id }', 'district { id }'],
  [
    `studentRelationships(contactId: "${MIXED}", studentId: "${CHILD}", districtId: BLANK) { id }`,
    `studentRelationships(contactId: "${MIXED}", studentId: "${CHILD}") { id }`,
  ],
  [
    `contactAccess(contactId: "${MIXED}", studentId: "${CHILD}", privilege: PICK_UP, districtId: BLANK) { allowed }`,
    `contactAccess(contactId: "${MIXED}", studentId: "${CHILD}", privilege: PICK_UP) { allowed }`,
  ],
  [`contacts(first: 3, after: BLANK) ${CONTACTS}`, `contacts(first: 3) ${CONTACTS}`],
  [`contacts(first: 3, before: BLANK) ${CONTACTS}`, `contacts(first: 3) ${CONTACTS}`],
  [`contacts(before: BLANK) ${CONTACTS}`, `contacts ${CONTACTS}`],
  [`contacts(last: 3, before: BLANK, after: BLANK) ${CONTACTS}`, `contacts(last: 3) ${CONTACTS}`],
  [`contacts(districtId: BLANK, first: 3) ${CONTACTS}`, `contacts(first: 3) ${CONTACTS}`],
  [`contacts(filter: { search: BLANK }) ${CONTACTS}`, `contacts ${CONTACTS}`],
  [
    `contacts(filter: { search: BLANK, hasPhone: true }) ${CONTACTS}`,
    `contacts(filter: { hasPhone: true }) ${CONTACTS}`,
  ],
  [`students(filter: { grade: BLANK, schoolId: BLANK, search: BLANK }) ${CONTACTS}`, `students ${CONTACTS}`],
  [
    `students(filter: { grade: BLANK, schoolId: BLANK, hasContacts: true }) ${CONTACTS}`,
    `students(filter: { hasContacts: true }) ${CONTACTS}`,
  ],
  [`students(after: BLANK, before: BLANK, districtId: BLANK) ${CONTACTS}`, `students ${CONTACTS}`],
  [
    'cleverLegacyIds(after: BLANK, districtId: BLANK) { nodes { currentId } }',
    'cleverLegacyIds { nodes { currentId } }',
  ],
  [
    `studentByLegacyId(legacyId: "${CHILD}", districtId: BLANK) { id }`,
    `studentByLegacyId(legacyId: "${CHILD}") { id }`,
  ],
  [`contactByLegacyId(legacyId: "x", districtId: BLANK) { id }`, 'contactByLegacyId(legacyId: "x") { id }'],
  [
    `_entities(representations: [{ __typename: "Student", id: "${CHILD}", districtId: BLANK }]) { __typename }`,
    `_entities(representations: [{ __typename: "Student", id: "${CHILD}" }]) { __typename }`,
  ],
  [
    `_entities(representations: [{ __typename: "Contact", id: "${MIXED}", districtId: BLANK }]) { __typename }`,
    `_entities(representations: [{ __typename: "Contact", id: "${MIXED}" }]) { __typename }`,
  ],
]

async function ask(field: string) {
  gateway.forget()
  const { data, errors, calls } = await gateway.ask(`{ it: ${field} }`)
  expect(errors).toEqual([])
  return { data, calls }
}

describe('O21: an argument that says nothing is as if not given:', () => {
  it.each(PAIRS)('%s', async (blank, plain) => {
    // The first request for a list finds out what no later one asks again.
    await ask(plain)
    const expected = await ask(plain)
    expect(Object.keys(expected.data)).toEqual(['it'])
    for (const value of ['null', '""', '"  "'])
      expect(await ask(blank.replaceAll('BLANK', value)), value).toEqual(expected)
  })

  it.each([
    [
      'contacts(filter: null, first: null, last: null, after: null, before: null, districtId: null)',
      'contacts',
    ],
    ['contacts(filter: {})', 'contacts'],
    [
      'contacts(filter: { relationships: null, types: null, hasEmail: null, hasPhone: null, warnings: null, search: null })',
      'contacts',
    ],
    ['students(filter: { grade: null, schoolId: null, hasContacts: null, search: null })', 'students'],
    ['cleverLegacyIds(role: null, first: null)', 'cleverLegacyIds'],
  ])('%s', async (blank, plain) => {
    const id = plain === 'cleverLegacyIds' ? 'currentId' : 'id'
    expect(await ask(`${blank} { nodes { ${id} } }`)).toEqual(await ask(`${plain} { nodes { ${id} } }`))
  })

  it('Student.relationships(types: null, privilege: null)', async () => {
    const of = (args: string) => ask(`student(id: "${CHILD}") { relationships${args} { id } }`)
    expect(await of('(types: null, privilege: null)')).toEqual(await of(''))
  })

  it('the key of an entity in a variable', async () => {
    for (const districtId of [null, '', undefined, DISTRICT]) {
      const { data, errors } = await gateway.ask(
        'query ($r: [_Any!]!) { _entities(representations: $r) { ... on Contact { id } } }',
        { r: [{ __typename: 'Contact', id: MIXED, districtId }] },
      )
      expect([data, errors]).toEqual([{ _entities: [{ id: MIXED }] }, []])
    }
  })

  it('the name of an operation, the variables and the extensions of a request', async () => {
    for (const nothing of [null, undefined]) {
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: gateway.authorization },
        body: JSON.stringify({
          query: 'query Q { __typename }',
          operationName: nothing === null ? '' : nothing,
          variables: nothing,
          extensions: nothing,
        }),
      })
      expect(await response.json()).toMatchObject({ data: { __typename: 'Query' } })
    }
  })
})
