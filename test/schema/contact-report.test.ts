import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { CHILD, MIXED } from '../federation/documented-family.ts'
import { type Claims, guardian, SERVICE, startGateway, type TestGateway } from '../support/gateway.ts'
import { list, written } from '../support/listing.ts'

const REPORT = `{ district { contactReport {
  contactCount contactsWithWarningsCount warnings { code contactCount } missingFields { field contactCount } asOf
} } }`

interface Shown {
  readonly displayName: string | null
  readonly email: object | null
  readonly phone: object | null
  readonly sisId: string | null
  readonly dataWarnings: readonly { readonly code: string }[]
  readonly relationships: readonly {
    readonly relationshipRaw: string | null
    readonly typeRaw: string | null
  }[]
}

describe("a report of a district's contacts", () => {
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startGateway({
      requiredFields: ['name', 'email', 'phone', 'sisId', 'relationship', 'type'],
      sandbox: { students: 60 },
    })
  })
  afterAll(() => gateway[Symbol.asyncDispose]())

  it('counts what is shown of each of them, for a call for the contacts and one for the students', async () => {
    const startedAt = Date.now()
    const { data, calls, errors } = await gateway.ask(REPORT)
    const { data: one } = await gateway.ask(
      `{ contacts(first: 100) { totalCount nodes { displayName email { raw } phone { raw } sisId dataWarnings { code }
         relationships { relationshipRaw typeRaw } } } }`,
    )
    const all: readonly Shown[] = one.contacts.nodes
    const { asOf, ...report } = data.district.contactReport
    expect(errors).toEqual([])
    expect(one.contacts.totalCount).toBe(all.length)
    expect(calls.toSorted()).toEqual([
      `/districts/${gateway.sandbox.districts[0]?.id}`,
      '/users?role=contact&limit=10000',
      '/users?role=student&limit=10000',
    ])

    const count = (isSo: (contact: Shown) => boolean) => all.filter(isSo).length
    const codes = new Set(all.flatMap(({ dataWarnings }) => dataWarnings.map(({ code }) => code)))
    const byCode = [...codes].map((code) => ({
      code,
      contactCount: count(({ dataWarnings }) => dataWarnings.some((warning) => warning.code === code)),
    }))
    expect(codes.size).toBeGreaterThan(5)
    expect({ ...report, warnings: new Set(report.warnings) }).toEqual({
      contactCount: all.length,
      contactsWithWarningsCount: count(({ dataWarnings }) => dataWarnings.length > 0),
      warnings: new Set(byCode),
      missingFields: [
        { field: 'NAME', contactCount: count(({ displayName }) => displayName === null) },
        { field: 'EMAIL', contactCount: count(({ email }) => email === null) },
        { field: 'PHONE', contactCount: count(({ phone }) => phone === null) },
        { field: 'SIS_ID', contactCount: count(({ sisId }) => sisId === null) },
        {
          field: 'RELATIONSHIP',
          contactCount: count(({ relationships }) =>
            relationships.some((entry) => entry.relationshipRaw === null),
          ),
        },
        {
          field: 'TYPE',
          contactCount: count(({ relationships }) => relationships.some((entry) => entry.typeRaw === null)),
        },
      ],
    })
    expect(Date.parse(asOf)).toBeGreaterThanOrEqual(startedAt)
    expect(Date.parse(asOf)).toBeLessThanOrEqual(Date.now())
  })

  it('costs nothing again but the district, holds no personal data, and is as old as the oldest of what it counts', async () => {
    const audited = gateway.audited.length
    const first = await gateway.ask(REPORT)
    const { data, calls, extensions } = await gateway.ask(REPORT)
    expect(calls.filter((call) => !call.startsWith('/districts/'))).toEqual([])
    expect(data).toEqual(first.data)
    expect(data.district.contactReport.asOf).toBe(extensions?.freshness?.oldest)
    expect(gateway.audited.length).toBe(audited)
  })

  it('is null for a viewer who does not see everything', async () => {
    const { id, roster } = gateway.sandbox.districts[0] ?? expect.unreachable()
    const [teacher] = roster.teachersOf(CHILD)
    const [staff] = roster.users('staff')
    const person = (kind: string, user: string | undefined): Claims => ({
      clever_kind: kind,
      clever_user_id: user,
      clever_district_ids: [id],
    })
    const others = [
      person('teacher', teacher?.id),
      person('school_staff', staff?.id),
      person('student', CHILD),
      guardian(MIXED),
      { ...SERVICE, scope: 'contacts:read' },
      { ...SERVICE, scope: 'students:read' },
    ]
    for (const claims of others) {
      const { data, errors } = await gateway.ask(REPORT, {}, claims)
      expect([data, errors], JSON.stringify(claims)).toEqual([{ district: { contactReport: null } }, []])
    }
    const [admin] = roster.users('district_admin')
    const { data } = await gateway.ask(REPORT, {}, person('district_admin', admin?.id))
    expect(data.district.contactReport.contactCount).toBeGreaterThan(50)
  })

  it('costs no more than 200 calls where the district cannot be held, and those only of the background', async () => {
    await using small = await startGateway({ maxBytes: 300_000, sandbox: { students: 1_000 } })
    const { data, errors } = await small.ask(REPORT)
    expect(data.district.contactReport).toBeNull()
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['TOO_MANY_CALLS'])
    expect(small.sandbox.calls.count()).toBeLessThanOrEqual(210)
    await small.ask(REPORT)
    expect(small.sandbox.calls.count()).toBeLessThanOrEqual(211)
  })

  it('is refused in many aliases', async () => {
    const aliases = Array.from({ length: 30 }, (_, i) => `r${i}: contactReport { contactCount }`)
    const { errors } = await gateway.ask(`{ district { ${aliases.join(' ')} } }`)
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['QUERY_TOO_COMPLEX'])
  })
})

describe('two records of one person', () => {
  const parent = { relationship: 'Parent', type: 'Parent/Guardian' }
  const ids = ['5f0000000000000000000001', '5f0000000000000000000002', '5f0000000000000000000003']
  const [one = '', again = '', father = ''] = ids
  const address = { email: 'lee@example.org', phone: '330-280-1898' }
  const QUERY = `{
    contacts(filter: { warnings: POSSIBLE_DUPLICATE }) { totalCount nodes { id dataWarnings { code } } }
    district { contactReport { warnings { code contactCount } } }
  }`
  let gateway: TestGateway
  beforeAll(async () => {
    gateway = await startGateway()
    list(gateway, 'contact', [
      written({ id: one, last: 'Ann Lee', ...address, entries: [{ student: CHILD, ...parent }] }),
      written({ id: again, last: 'ANN LEE', email: address.email, entries: [{ student: CHILD, ...parent }] }),
      written({ id: father, last: 'Bob Lee', ...address, entries: [{ student: CHILD, ...parent }] }),
    ])
    await gateway.ask('{ contacts { nodes { id } } }')
  })
  afterAll(() => gateway[Symbol.asyncDispose]())

  it('are both possible duplicates, and the father at the same address is none', async () => {
    const { data, errors } = await gateway.ask(QUERY)
    expect(errors).toEqual([])
    expect(data.contacts).toMatchObject({ totalCount: 2, nodes: [{ id: one }, { id: again }] })
    for (const { dataWarnings } of data.contacts.nodes)
      expect(dataWarnings).toContainEqual({ code: 'POSSIBLE_DUPLICATE' })
    expect(data.district.contactReport.warnings).toContainEqual({
      code: 'POSSIBLE_DUPLICATE',
      contactCount: 2,
    })
    const { data: shown } = await gateway.ask(`{ contact(id: "${father}") { dataWarnings { code } } }`)
    expect(shown.contact.dataWarnings).not.toContainEqual({ code: 'POSSIBLE_DUPLICATE' })
  })

  it('are shown to a guardian who may see both, and to no service that sees no students', async () => {
    const asGuardian = await gateway.ask(QUERY, {}, guardian(father))
    expect(asGuardian.data.contacts.totalCount).toBe(2)
    const blind = await gateway.ask(QUERY, {}, { ...SERVICE, scope: 'contacts:read' })
    expect(blind.data.contacts).toEqual({ totalCount: 0, nodes: [] })
  })
})
