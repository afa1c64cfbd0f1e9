import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { CHILD, DISTRICT, MIXED, NEPHEW, NIECE, NOBODY } from './documented-family.ts'

const ENTITIES = `query ($representations: [_Any!]!) {
  _entities(representations: $representations) {
    __typename
    ... on Student { id displayName }
    ... on Contact { id displayName }
    ... on StudentRelationship { id contactId studentId relationship typeRaw }
    ... on District { id }
  }
}`

const RELATIONSHIPS =
  'query ($id: ID!) { contact(id: $id) { relationships { id studentId relationship typeRaw } } }'

interface Entry {
  readonly id: string
  readonly studentId: string
}

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(() => gateway.forget())
afterAll(() => gateway[Symbol.asyncDispose]())

const entities = (representations: readonly unknown[]) => gateway.ask(ENTITIES, { representations })

async function relationshipsOf(contactId: string): Promise<readonly Entry[]> {
  const { data } = await gateway.ask(RELATIONSHIPS, { id: contactId })
  gateway.forget()
  return data.contact.relationships
}

async function idOfRelationship(contactId: string, studentId: string): Promise<string> {
  const found = (await relationshipsOf(contactId)).find((entry) => entry.studentId === studentId)
  return found?.id ?? 'none'
}

describe('an entity', () => {
  const naomi = { __typename: 'Student', id: NIECE, displayName: 'Naomi H Whitfield' }
  const aaron = { __typename: 'Contact', id: MIXED, displayName: 'Aaron Collins' }

  it.each([
    ['a student by id', { __typename: 'Student', id: NIECE }, naomi, `/users/${NIECE}`],
    [
      'a student by id and district',
      { __typename: 'Student', id: NIECE, districtId: DISTRICT },
      naomi,
      `/users/${NIECE}`,
    ],
    ['a contact by id', { __typename: 'Contact', id: MIXED }, aaron, `/users/${MIXED}`],
    [
      'a contact by id and district',
      { __typename: 'Contact', id: MIXED, districtId: DISTRICT },
      aaron,
      `/users/${MIXED}`,
    ],
    [
      'a district by id',
      { __typename: 'District', id: DISTRICT },
      { __typename: 'District', id: DISTRICT },
      `/districts/${DISTRICT}`,
    ],
  ])('is found: %s, in one call', async (_what, representation, expected, call) => {
    const { data, errors, calls } = await entities([representation])
    expect(errors).toEqual([])
    expect(data._entities).toEqual([expected])
    expect(calls).toEqual([call])
  })

  it.each([
    [NIECE, 'AUNT_UNCLE', 'Family'],
    [NEPHEW, 'AUNT_UNCLE', 'Family'],
    [CHILD, 'PARENT', 'Parent/Guardian'],
  ])(
    'is found: the relationship to student %s, by id alone and with the district',
    async (studentId, relationship, typeRaw) => {
      const id = await idOfRelationship(MIXED, studentId)
      const { data, errors, calls } = await entities([
        { __typename: 'StudentRelationship', id },
        { __typename: 'StudentRelationship', id, districtId: DISTRICT },
      ])
      const expected = {
        __typename: 'StudentRelationship',
        id,
        contactId: MIXED,
        studentId,
        relationship,
        typeRaw,
      }
      expect(errors).toEqual([])
      expect(data._entities).toEqual([expected, expected])
      expect(calls).toEqual([`/users/${MIXED}`])
    },
  )

  it('is asked for once, however often it is referred to, and in whatever type', async () => {
    const id = await idOfRelationship(MIXED, CHILD)
    const student = { __typename: 'Student', id: NIECE }
    const { data, calls } = await entities([
      student,
      { __typename: 'Contact', id: MIXED },
      student,
      { __typename: 'StudentRelationship', id },
      { ...student, districtId: DISTRICT },
    ])
    expect(data._entities.map((entity: { id: string }) => entity.id)).toEqual([
      NIECE,
      MIXED,
      NIECE,
      id,
      NIECE,
    ])
    expect(calls.toSorted()).toEqual([`/users/${NIECE}`, `/users/${MIXED}`].toSorted())
  })

  it('is asked for no more than once by all requests, as long as what is known of it may be shown', async () => {
    const representations = [
      { __typename: 'Student', id: NIECE },
      { __typename: 'Contact', id: MIXED },
    ]
    const [first, again] = [await entities(representations), await entities(representations)]
    expect(first.data._entities).toEqual([naomi, aaron])
    expect(first.calls.toSorted()).toEqual([`/users/${NIECE}`, `/users/${MIXED}`].toSorted())
    expect(again.data).toEqual(first.data)
    expect(again.calls).toEqual([])
    expect([first, again].map(({ extensions }) => extensions?.cost.calls)).toEqual([2, 0])
  })
})

describe('one of several entries of the same pair', () => {
  function contactWith(isSecond: (first: object, second: object) => boolean): string {
    const district = gateway.sandbox.districts.find(({ id }) => id === DISTRICT)
    const found = district?.roster.users('contact').find(({ roles }) => {
      const entries = roles.contact?.student_relationships ?? []
      return entries.some((entry, at) =>
        entries.slice(0, at).some((first) => first.student === entry.student && isSecond(first, entry)),
      )
    })
    return found?.id ?? 'none'
  }
  const isEqual = (one: object, other: object) => JSON.stringify(one) === JSON.stringify(other)

  it.each([
    ['equal ones', isEqual],
    ['different ones', (one: object, other: object) => !isEqual(one, other)],
  ])('is found by its own id: %s', async (_which, isSecond) => {
    const contactId = contactWith(isSecond)
    const entries = await relationshipsOf(contactId)
    expect(new Set(entries.map(({ studentId }) => studentId)).size).toBeLessThan(entries.length)
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length)

    const { data, errors, calls } = await entities(
      entries.map(({ id }) => ({ __typename: 'StudentRelationship', id })),
    )
    expect(errors).toEqual([])
    expect(data._entities).toEqual(
      entries.map((entry) => ({ __typename: 'StudentRelationship', contactId, ...entry })),
    )
    expect(calls).toEqual([`/users/${contactId}`])
  })
})

describe('a representation that cannot be read', () => {
  const SECRET = 'Robert-Tables'

  it.each([
    ['of a type that no subgraph has', { __typename: SECRET, id: NIECE }],
    ['of a type that is no entity', { __typename: 'PersonName', id: NIECE }],
    ['of a type that every object inherits', { __typename: 'constructor', id: NIECE }],
    ['without a type', { id: NIECE, name: SECRET }],
    ['without an id', { __typename: 'Student', name: SECRET }],
    ['with a number for an id', { __typename: 'Student', id: 63850203 }],
    ['with null for an id', { __typename: 'Student', id: null }],
    ['with an object for an id', { __typename: 'Student', id: { $ne: SECRET } }],
    ['with a number for a district', { __typename: 'Student', id: NIECE, districtId: 6385008 }],
    ['that is text', SECRET],
    ['that is a number', 63850203],
    ['that is a list', [{ __typename: 'Student', id: NIECE }]],
  ])('is refused alone, and not repeated: %s', async (_how, representation) => {
    const student = { __typename: 'Student', id: NIECE }
    const before = gateway.lines.length
    const { data, errors, calls } = await entities([student, representation, student])
    expect(data._entities).toMatchObject([{ id: NIECE }, null, { id: NIECE }])
    expect(errors).toMatchObject([{ path: ['_entities', 1], extensions: { code: 'BAD_USER_INPUT' } }])
    expect(JSON.stringify(errors)).not.toMatch(/Robert|63850203/)
    expect(gateway.lines.slice(before).join()).not.toMatch(/Robert|63850203/)
    expect(calls).toEqual([`/users/${NIECE}`])
  })

  it('is refused with all the others when there are more than 1000 of them, without any call', async () => {
    const { data, errors, calls } = await entities(Array(1001).fill({ __typename: 'Student', id: NIECE }))
    expect(data).toBeNull()
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    expect(calls).toEqual([])
  })

  it('does not keep 1000 from being answered', async () => {
    const { data, errors, calls } = await entities(Array(1000).fill({ __typename: 'Student', id: NIECE }))
    expect(errors).toEqual([])
    expect(data._entities).toHaveLength(1000)
    expect(calls).toEqual([`/users/${NIECE}`])
  })
})

describe('a key of no user', () => {
  it('is null, without error: an id that Clever does not know', async () => {
    const { data, errors, calls } = await entities([
      { __typename: 'Student', id: NOBODY },
      { __typename: 'Contact', id: NOBODY },
      { __typename: 'StudentRelationship', id: `${NOBODY}-${NIECE}-MEgtZtBP` },
      { __typename: 'District', id: NOBODY },
    ])
    expect(errors).toEqual([])
    expect(data._entities).toEqual([null, null, null, null])
    expect(calls).toEqual([`/users/${NOBODY}`])
  })

  it('is null: a contact asked for as a student, and the other way round', async () => {
    const { data, errors } = await entities([
      { __typename: 'Student', id: MIXED },
      { __typename: 'Contact', id: NIECE },
      { __typename: 'StudentRelationship', id: NIECE },
      { __typename: 'District', id: NIECE },
    ])
    expect(errors).toEqual([])
    expect(data._entities).toEqual([null, null, null, null])
  })

  it("is null: a relationship's id with another student in it, in part, or with more to it", async () => {
    const id = await idOfRelationship(MIXED, CHILD)
    const forged = [
      id.replace(CHILD, NIECE),
      id.replace(CHILD, NOBODY),
      id.split('-').slice(0, 2).join('-'),
      MIXED,
      `${id}.1`,
      `${id}.2`,
      `${id}-`,
      id.toUpperCase(),
    ]
    const { data, errors } = await entities(
      forged.map((each) => ({ __typename: 'StudentRelationship', id: each })),
    )
    expect(errors).toEqual([])
    expect(data._entities).toEqual(forged.map(() => null))
  })

  it('is null, without a call: a student in a district that is not ours', async () => {
    const { data, errors, calls } = await entities([
      { __typename: 'Student', id: NIECE, districtId: NOBODY },
      { __typename: 'Student', id: NIECE, districtId: '..' },
      { __typename: 'Contact', id: MIXED, districtId: `${DISTRICT}/` },
    ])
    expect(errors).toEqual([])
    expect(data._entities).toEqual([null, null, null])
    expect(calls).toEqual([])
  })

  it.each([
    '',
    '..',
    'a/b',
    '%2e%2e',
    '../districts',
    `${NIECE}/mycontacts`,
    `${NIECE}?role=contact`,
    `${NIECE}\n`,
    ` ${NIECE}`,
    NIECE.toUpperCase(),
    '_entities',
  ])('is null, without a call: %j', async (id) => {
    const { data, errors, calls } = await entities([
      { __typename: 'Student', id },
      { __typename: 'Contact', id },
      { __typename: 'StudentRelationship', id },
      { __typename: 'StudentRelationship', id: `${id}-${NIECE}-MEgtZtBP` },
      { __typename: 'District', id },
    ])
    expect(errors).toEqual([])
    expect(data._entities).toEqual([null, null, null, null, null])
    expect(calls).toEqual([])
  })
})
