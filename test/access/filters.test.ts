import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ContactRecord } from '../../src/model/records.ts'
import { findsContact, findsStudent, readSearch } from '../../src/quality/search.ts'
import { CHILD, MIXED } from '../federation/documented-family.ts'
import { disclosedIn } from '../support/audited.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { type Claims, guardian, SERVICE, startGateway, type TestGateway } from '../support/gateway.ts'
import { list, written } from '../support/listing.ts'
import { type Cast, castIn, principalsOf } from './grid-cast.ts'
import { contact } from './people.ts'

interface Text {
  readonly raw: string
}

interface Contact {
  readonly id: string
  readonly displayName: string | null
  readonly email: Text | null
  readonly phone: Text | null
  readonly legacyId: string | null
  readonly dataWarnings: readonly { readonly code: string }[] | null
  readonly relationships: readonly { readonly relationship: string; readonly type: string }[]
}

interface Student {
  readonly id: string
  readonly displayName: string | null
  readonly email: Text | null
  readonly grade: string | null
  readonly schoolIds: readonly string[]
  readonly relationships: readonly object[] | null
}

const ALL = `query ($districtId: ID) {
  contacts(first: 100, districtId: $districtId) { totalCount nodes {
    id displayName email { raw } phone { raw } legacyId dataWarnings { code } relationships { relationship type }
  } }
  students(first: 100, districtId: $districtId) { totalCount nodes {
    id displayName email { raw } grade schoolIds relationships { id }
  } }
}`

let gateway: TestGateway
let cast: Omit<Cast, 'relationship'>
let principals: readonly { readonly who: string; readonly claims: Claims }[]

beforeAll(async () => {
  // Time stands still: what is known stays young enough to decide by.
  gateway = await startGateway({ sandbox: { districts: 2 }, clock: createFakeClock() })
  cast = castIn(gateway)
  const district = gateway.sandbox.districts[0] ?? expect.unreachable()
  // A guardian who sees the other contacts of one student, and of another the student alone.
  district.addRelationship(cast.guardian, {
    student: cast.target,
    relationship: 'Grandparent',
    type: 'Parent/Guardian',
  })
  const { bystander } = cast
  district.addRelationship(cast.between, { student: cast.target, relationship: 'Sibling', type: 'Emergency' })
  principals = [
    ...principalsOf(gateway, { ...cast, relationship: '' }),
    { who: 'the mother', claims: guardian(cast.mother) },
    { who: 'a guardian who sees one student with contacts and one without', claims: guardian(cast.guardian) },
    { who: 'a guardian who is related through others', claims: guardian(cast.between) },
    { who: 'the documented contact', claims: guardian(MIXED) },
    { who: 'two contacts in one', claims: guardian(MIXED, cast.mother) },
    { who: 'another student', claims: student(bystander) },
  ]
  for (const { id } of gateway.sandbox.districts) await gateway.ask(ALL, { districtId: id })
})
afterAll(() => gateway[Symbol.asyncDispose]())

const student = (id: string): Claims => ({
  clever_kind: 'student',
  clever_user_id: id,
  clever_district_ids: [cast.district],
})

/** By what is shown, and nothing else. What is hidden is neither there nor missing. */
function contactTests(): readonly [object, (contact: Contact) => boolean][] {
  const roster = gateway.sandbox.districts[0]?.roster
  const mother = roster?.user(cast.mother) ?? expect.unreachable()
  const uncle = roster?.user(MIXED) ?? expect.unreachable()
  const words = [
    mother.name.last ?? '',
    mother.email ?? '',
    mother.roles.contact?.phone ?? '',
    uncle.email?.slice(0, 8) ?? '',
    uncle.roles.contact?.phone?.slice(0, 6) ?? '',
    'a',
    '33',
  ]
  const warned = (codes: readonly string[]) => (one: Contact) =>
    one.dataWarnings?.some(({ code }) => codes.includes(code)) ?? false
  const isInFull = ({ dataWarnings }: Contact) => dataWarnings !== null
  return [
    [{}, () => true],
    ...words.map((search): [object, (one: Contact) => boolean] => [
      { search },
      (one) => findsContact(readSearch(search, 'US') ?? expect.unreachable(), shown(one)),
    ]),
    ...['PARENT', 'GRANDPARENT', 'SIBLING', 'AUNT_UNCLE'].map((word): [object, (one: Contact) => boolean] => [
      { relationships: word },
      (one) => one.relationships.some(({ relationship }) => relationship === word),
    ]),
    [{ types: 'EMERGENCY' }, (one) => one.relationships.some(({ type }) => type === 'EMERGENCY')],
    [
      { relationships: 'PARENT', types: 'PARENT_GUARDIAN' },
      (one) =>
        one.relationships.some((each) => each.relationship === 'PARENT' && each.type === 'PARENT_GUARDIAN'),
    ],
    ...[true, false].flatMap((has): [object, (one: Contact) => boolean][] => [
      [{ hasEmail: has }, (one) => isInFull(one) && (one.email !== null) === has],
      [{ hasPhone: has }, (one) => isInFull(one) && (one.phone !== null) === has],
    ]),
    ...[
      ['UNKNOWN_STUDENT'],
      ['POSSIBLE_DUPLICATE'],
      ['UNSTABLE_ID', 'COLLISION_RISK'],
      ['DUPLICATE_ENTRY', 'MISSING_RELATIONSHIP', 'UNKNOWN_TYPE', 'RELATIONSHIP_IN_WRONG_FIELD'],
      ['MISSING_EMAIL', 'MISSING_PHONE', 'INVALID_EMAIL', 'INVALID_PHONE'],
    ].map((codes): [object, (one: Contact) => boolean] => [{ warnings: codes }, warned(codes)]),
  ]
}

function studentTests(): readonly [object, (student: Student) => boolean][] {
  const target = gateway.sandbox.districts[0]?.roster.user(cast.target)
  const grade = target?.roles.student?.grade ?? ''
  const schoolId = target?.roles.student?.school ?? ''
  const words = [target?.name.last ?? '', target?.email ?? '', 'a']
  return [
    [{}, () => true],
    ...words.map((search): [object, (one: Student) => boolean] => [
      { search },
      (one) => findsStudent(readSearch(search, 'US') ?? expect.unreachable(), shownStudent(one)),
    ]),
    [{ grade }, (one) => one.grade === grade],
    [{ schoolId }, (one) => one.schoolIds.includes(schoolId)],
    [{ hasContacts: true }, ({ relationships }) => (relationships ?? []).length > 0],
    [{ hasContacts: false }, ({ relationships }) => (relationships ?? []).length === 0],
  ]
}

function shown({ id, displayName, email, phone }: Contact): ContactRecord {
  return contact({ id, last: displayName ?? undefined, email: email?.raw, phone: phone?.raw })
}

function shownStudent({ displayName, email }: Student) {
  const { name, email: address } = contact({ id: CHILD, last: displayName ?? undefined, email: email?.raw })
  return { name, email: address } as Parameters<typeof findsStudent>[1]
}

/** As many lists in one request as its complexity allows. */
async function findAll<Filter extends object>(
  claims: Claims,
  kind: 'contacts' | 'students',
  filters: readonly Filter[],
  paging = 'first: 100',
) {
  const type = kind === 'contacts' ? 'ContactFilter' : 'StudentFilter'
  const found: { totalCount: number; nodes: { id: string }[] }[] = []
  for (let i = 0; i < filters.length; i += 4) {
    const some = filters.slice(i, i + 4)
    const names = some.map((_filter, j) => `$f${j}: ${type}`).join(' ')
    const lists = some.map(
      (_filter, j) =>
        `l${j}: ${kind}(${paging}, filter: $f${j}, districtId: $districtId) { totalCount nodes { id } }`,
    )
    const variables = Object.fromEntries(some.map((filter, j) => [`f${j}`, filter]))
    const query = `query ($districtId: ID ${names}) { ${lists.join(' ')} }`
    const { data, errors, calls } = await gateway.ask(
      query,
      { ...variables, districtId: cast.district },
      claims,
    )
    expect(errors).toEqual([])
    found.push(...some.map((_filter, j) => data[`l${j}`]))
    for (const call of calls) expect(call).not.toContain('/mycontacts')
  }
  return found.map((each) => each && { count: each.totalCount, ids: each.nodes.map(({ id }) => id) })
}

describe('for every viewer', () => {
  it('finds by a filter what they would find by looking through what they are shown, and counts no more', async () => {
    let matches = 0
    for (const { who, claims } of principals) {
      const { data, errors } = await gateway.ask(ALL, { districtId: cast.district }, claims)
      expect(errors, who).toEqual([])
      for (const [kind, tests] of [
        ['contacts', contactTests()],
        ['students', studentTests()],
      ] as const) {
        const filters = tests.map(([filter]) => filter)
        const all: readonly (Contact & Student)[] | undefined = data[kind]?.nodes
        const found = await findAll(claims, kind, filters)
        for (const [i, [filter, isSo]] of tests.entries()) {
          const ids = all?.filter(isSo).map(({ id }) => id)
          matches += ids?.length ?? 0
          const expected = ids === undefined ? null : { count: ids.length, ids }
          expect(found[i], `${who}, ${kind} by ${JSON.stringify(filter)}`).toEqual(expected)
        }
      }
    }
    // Not because there was nothing to find.
    expect(matches).toBeGreaterThan(500)
  })

  it('finds by an old id, and is listed, those whose old id is shown to them', async () => {
    for (const { who, claims } of principals) {
      const { data } = await gateway.ask(ALL, { districtId: cast.district }, claims)
      const all: readonly Contact[] | undefined = data.contacts?.nodes
      const withOldId = all?.filter(({ legacyId }) => legacyId !== null)
      const mother = gateway.sandbox.districts[0]?.roster.user(cast.mother)?.roles.contact?.legacy_id
      const { data: found, errors } = await gateway.ask(
        `query ($districtId: ID, $old: ID!) {
          cleverLegacyIds(first: 1000, districtId: $districtId) { totalCount nodes { currentId legacyId } }
          students: cleverLegacyIds(first: 1000, districtId: $districtId, role: STUDENT) { nodes { currentId } }
          contactByLegacyId(legacyId: $old, districtId: $districtId) { id }
          studentByLegacyId(legacyId: "${cast.target}", districtId: $districtId) { id }
        }`,
        { districtId: cast.district, old: mother },
        claims,
      )
      expect(errors, who).toEqual([])
      expect(found.cleverLegacyIds?.nodes, who).toEqual(
        withOldId?.map(({ id, legacyId }) => ({ currentId: id, legacyId })),
      )
      expect(found.cleverLegacyIds?.totalCount, who).toBe(withOldId?.length)
      expect(found.students?.nodes, who).toEqual(
        data.students?.nodes.map(({ id }: Student) => ({ currentId: id })),
      )
      const seesMother = withOldId?.some(({ id }) => id === cast.mother) ?? false
      expect(found.contactByLegacyId, who).toEqual(seesMother ? { id: cast.mother } : null)
      const seesTarget = data.students?.nodes.some(({ id }: Student) => id === cast.target) ?? false
      expect(found.studentByLegacyId, who).toEqual(seesTarget ? { id: cast.target } : null)
    }
  })
})

describe('the audit', () => {
  it('has the contacts that a filter lists or counts, and no contact that it leaves out', async () => {
    const told = async (query: string, claims = SERVICE) => {
      const before = gateway.audited.length
      const { data } = await gateway.ask(query, { districtId: cast.district }, claims)
      const lines = disclosedIn(gateway.audited.slice(before))
      return { data, contacts: new Set(lines.flatMap(({ contactIds }) => contactIds)), lines }
    }
    const list = (filter: string, fields = 'nodes { id }', paging = 'first: 3') =>
      `query ($districtId: ID) { contacts(${paging}, districtId: $districtId, filter: ${filter}) { ${fields} } }`
    for (const claims of [SERVICE, guardian(cast.guardian), student(cast.bystander)]) {
      const { data, contacts } = await told(list('{ search: "a" }'), claims)
      expect(contacts).toEqual(new Set(data.contacts.nodes.map(({ id }: Contact) => id)))
    }
    const warned = await told(list('{ warnings: [UNKNOWN_STUDENT, POSSIBLE_DUPLICATE] }'))
    expect(warned.data.contacts.nodes).not.toEqual([])
    expect(warned.contacts).toEqual(new Set(warned.data.contacts.nodes.map(({ id }: Contact) => id)))
    const counted = await told(list('{ search: "a" }', 'totalCount', 'first: 1'))
    expect(counted.contacts.size).toBe(counted.data.contacts.totalCount)
    expect((await told(list('{ search: "nobody is called that" }', 'totalCount'))).lines).toEqual([])

    const students = await told(
      'query ($districtId: ID) { students(first: 2, districtId: $districtId, filter: { hasContacts: true }) { nodes { id } } }',
    )
    expect(students.lines.map(({ studentId }) => studentId)).toEqual(
      students.data.students.nodes.map(({ id }: Student) => id),
    )
    expect(students.contacts.size).toBe(0)
  })
})

describe('a look-alike', () => {
  const parent = { relationship: 'Parent', type: 'Parent/Guardian' }
  /** Gives the sight of the student, and of no other contacts. */
  const grandparent = { relationship: 'Grandparent', type: 'Parent/Guardian' }
  const [one, other] = ['5f0000000000000000000001', '5f0000000000000000000002']
  const person = { last: 'Ann Lee', email: 'lee@example.org' }

  async function isWarned(
    entries: readonly [readonly object[], readonly object[]],
    claims: Claims,
  ): Promise<boolean> {
    await using alone = await startGateway()
    const [first, second] = entries as readonly [{ student: string }[], { student: string }[]]
    list(alone, 'contact', [
      written({ id: one, ...person, entries: first }),
      written({ id: other, ...person, entries: second }),
    ])
    await alone.ask('{ contacts { nodes { id } } }')
    const { data } = await alone.ask(
      `{ contacts(filter: { warnings: POSSIBLE_DUPLICATE }) { nodes { id } } contact(id: "${one}") { dataWarnings { code } } }`,
      {},
      claims,
    )
    const shows = data.contact.dataWarnings.some(
      ({ code }: { code: string }) => code === 'POSSIBLE_DUPLICATE',
    )
    expect(data.contacts.nodes.some(({ id }: { id: string }) => id === one)).toBe(shows)
    return shows
  }

  it('through a student whose contacts the viewer may not see is none', async () => {
    const entries = [[{ student: CHILD, ...grandparent }], [{ student: CHILD, ...grandparent }]] as const
    expect(await isWarned(entries, SERVICE)).toBe(true)
    expect(await isWarned(entries, guardian(one))).toBe(false)
  })

  it('is judged by nothing that it is to a student whose contacts the viewer may not see', async () => {
    const NIECE = '63850203bfb8460546071e62'
    const entries = [
      [
        { student: CHILD, ...parent },
        { student: NIECE, ...grandparent },
      ],
      [{ student: CHILD }, { student: NIECE, relationship: 'Sibling' }],
    ] as const
    expect(await isWarned(entries, SERVICE)).toBe(false)
    expect(await isWarned(entries, guardian(one))).toBe(true)
  })
})
