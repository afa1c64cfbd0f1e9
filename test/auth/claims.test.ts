import { describe, expect, it } from 'vitest'
import { type ClaimNames, claimNames, readCleverClaims, readCustomClaims } from '../../src/auth/claims.ts'
import { authenticateBy, CLAIMS, createKey, issuer, jwksOf, READS_CHILD, sign } from '../access/issuer.ts'
import { CHILD } from '../federation/documented-family.ts'
import { SERVICE, startGateway } from '../support/gateway.ts'

const USER = '1'.repeat(24)
const OTHER = '2'.repeat(24)
const DISTRICT = 'd'.repeat(24)
const CAPITALS = 'A'.repeat(24)

const custom = readCustomClaims(CLAIMS)
const one = { districts: [DISTRICT] }
const inDistrict = new Set([DISTRICT])

describe('the claims of a company', () => {
  it.each([
    [
      'a service with its scopes in a text',
      { kind: 'service', azp: 'app', scopes: 'students:read contacts:read', districts: '*' },
      {
        kind: 'SERVICE',
        client: 'app',
        scopes: new Set(['students:read', 'contacts:read']),
        districtIds: 'ALL',
      },
    ],
    [
      'a service with its scopes in a list, in one district',
      { kind: 'service', azp: 'app', scopes: ['students:read'], ...one },
      { kind: 'SERVICE', client: 'app', scopes: new Set(['students:read']), districtIds: inDistrict },
    ],
    [
      'a service without scopes',
      { kind: 'service', azp: 'app', ...one },
      { kind: 'SERVICE', client: 'app', scopes: new Set(), districtIds: inDistrict },
    ],
    [
      'a guardian of two contacts, wherever they are',
      { kind: 'guardian', contacts: [USER, OTHER] },
      { kind: 'GUARDIAN', contactIds: [USER, OTHER], districtIds: 'ALL' },
    ],
    [
      'a guardian in a district',
      { kind: 'guardian', contacts: [USER], ...one },
      { kind: 'GUARDIAN', contactIds: [USER], districtIds: inDistrict },
    ],
    [
      'a guardian of one contact that is no list',
      { kind: 'guardian', contacts: USER, districts: DISTRICT },
      { kind: 'GUARDIAN', contactIds: [USER], districtIds: inDistrict },
    ],
    [
      'a service of one district that is no list, with scopes in several texts',
      { kind: 'service', azp: 'app', scopes: ['students:read  contacts:read', ''], districts: DISTRICT },
      {
        kind: 'SERVICE',
        client: 'app',
        scopes: new Set(['students:read', 'contacts:read']),
        districtIds: inDistrict,
      },
    ],
    [
      'a teacher in a district that is no list',
      { kind: 'teacher', user: USER, districts: DISTRICT },
      { kind: 'STAFF', role: 'TEACHER', userId: USER, districtIds: inDistrict },
    ],
    ...(['teacher', 'school_staff', 'district_admin'] as const).map((kind) => [
      kind,
      { kind, user: USER, ...one },
      { kind: 'STAFF', role: kind.toUpperCase(), userId: USER, districtIds: inDistrict },
    ]),
    [
      'a student',
      { kind: 'student', user: USER, ...one },
      { kind: 'STUDENT', userId: USER, districtIds: inDistrict },
    ],
  ] as [string, Record<string, unknown>, object][])('make %s', (_who, claims, principal) => {
    expect(custom(claims)).toEqual(principal)
  })

  const NOBODY: readonly [string, Record<string, unknown>][] = [
    ['nothing', {}],
    ['an unknown kind', { kind: 'admin', user: USER, ...one }],
    ['a kind in capitals', { kind: 'SERVICE', azp: 'app', districts: '*' }],
    ['two kinds', { kind: ['guardian', 'service'], contacts: [USER] }],
    ['a guardian without contacts', { kind: 'guardian' }],
    ['a guardian of an empty list', { kind: 'guardian', contacts: [] }],
    ['a guardian of two ids in one text', { kind: 'guardian', contacts: `${USER} ${OTHER}` }],
    ['a guardian of an id in capitals that is no list', { kind: 'guardian', contacts: CAPITALS }],
    ['a guardian of an empty text', { kind: 'guardian', contacts: '' }],
    ['a teacher of the district "*"', { kind: 'teacher', user: USER, districts: '*' }],
    ['a guardian of an id in capitals', { kind: 'guardian', contacts: [CAPITALS] }],
    ['a guardian of one good id and one bad', { kind: 'guardian', contacts: [USER, '../me'] }],
    ['a guardian of an empty id', { kind: 'guardian', contacts: [''] }],
    ['a guardian of more contacts than a person is', { kind: 'guardian', contacts: Array(21).fill(USER) }],
    ['a guardian in no district', { kind: 'guardian', contacts: [USER], districts: [] }],
    ['a guardian in all districts, in so many words', { kind: 'guardian', contacts: [USER], districts: '*' }],
    ['a guardian in the district null', { kind: 'guardian', contacts: [USER], districts: null }],
    ['a teacher without an id', { kind: 'teacher', ...one }],
    ['a teacher with an id in capitals', { kind: 'teacher', user: CAPITALS, ...one }],
    ['a teacher with a list of ids', { kind: 'teacher', user: [USER], ...one }],
    ['a teacher without a district', { kind: 'teacher', user: USER }],
    ['a teacher of two districts', { kind: 'teacher', user: USER, districts: [DISTRICT, OTHER] }],
    ['a district admin of all districts', { kind: 'district_admin', user: USER, districts: '*' }],
    ['a student of no district', { kind: 'student', user: USER, districts: [] }],
    ['a service without a name', { kind: 'service', districts: '*' }],
    ['a service with an empty name', { kind: 'service', azp: '', districts: '*' }],
    ['a service without districts', { kind: 'service', azp: 'app', scopes: 'students:read' }],
    ['a service of a list with a star', { kind: 'service', azp: 'app', districts: ['*'] }],
    ['a service whose scopes are an object', { kind: 'service', azp: 'app', scopes: { a: 1 }, ...one }],
    [
      'the claims by their usual names, where they have others',
      { clever_kind: 'guardian', clever_contact_ids: [USER] },
    ],
  ]
  it.each(NOBODY)('make no principal of %s', (_what, claims) => {
    expect(custom(claims)).toBeUndefined()
  })

  const usual = readCustomClaims(claimNames.parse({}))
  const service = { clever_kind: 'service', sub: 'app', clever_district_ids: '*' }
  it.each<[string, object, readonly string[]]>([
    ['scp as a text', { scp: 'students:read contacts:read' }, ['students:read', 'contacts:read']],
    ['scp as a list', { scp: ['students:read'] }, ['students:read']],
    [
      'scope beside scp',
      { scope: 'contacts:read', scp: ['students:read'] },
      ['contacts:read', 'students:read'],
    ],
    ['an empty scope beside scp', { scope: '', scp: ['students:read'] }, ['students:read']],
  ])('give a service its scopes by %s', (_what, claims, scopes) => {
    expect(usual({ ...service, ...claims })).toMatchObject({ scopes: new Set(scopes) })
  })

  it('are not read from scp where the file names another claim for scopes', () => {
    expect(custom({ kind: 'service', azp: 'app', ...one, scp: 'students:read' })).toMatchObject({
      scopes: new Set(),
    })
  })

  it('are not read from what every object has', () => {
    const names: ClaimNames = { ...CLAIMS, kind: 'constructor', contacts: 'toString' }
    expect(readCustomClaims(names)({})).toBeUndefined()
  })
})

describe("the claims of Clever's own sign-in", () => {
  const claims = { multi_role_user_id: USER, user_type: 'teacher', district: DISTRICT }

  it.each([
    ['teacher', 'TEACHER'],
    ['staff', 'SCHOOL_STAFF'],
    ['district_admin', 'DISTRICT_ADMIN'],
    ['district admin', 'DISTRICT_ADMIN'],
  ])('make staff of a %s', (user_type, role) => {
    expect(readCleverClaims({ ...claims, user_type })).toEqual({
      kind: 'STAFF',
      role,
      userId: USER,
      districtIds: inDistrict,
    })
  })

  it('make a student', () => {
    expect(readCleverClaims({ ...claims, user_type: 'student' })).toEqual({
      kind: 'STUDENT',
      userId: USER,
      districtIds: inDistrict,
    })
  })

  it.each<[string, object]>([
    ['a contact, whom Clever does not sign in', { ...claims, user_type: 'contact' }],
    [
      'a guardian by claims of the other preset',
      { ...claims, user_type: 'guardian', clever_kind: 'guardian' },
    ],
    ['a type in capitals', { ...claims, user_type: 'Teacher' }],
    ['a type that every object has', { ...claims, user_type: 'constructor' }],
    ['no type', { ...claims, user_type: undefined }],
    ['an id in capitals', { ...claims, multi_role_user_id: CAPITALS }],
    ['no id but a subject', { ...claims, multi_role_user_id: undefined, sub: USER }],
    ['no district', { ...claims, district: undefined }],
    ['a list of districts', { ...claims, district: [DISTRICT] }],
  ])('make no principal of %s', (_what, each) => {
    expect(readCleverClaims({ ...each })).toBeUndefined()
  })
})

describe('over HTTP', () => {
  it('each issuer has its own reading of claims, and a token without a principal is 401 like a bad token', async () => {
    const key = await createKey('ES256')
    const CLEVER = 'https://clever.example'
    await using gateway = await startGateway({
      authenticate: authenticateBy(
        issuer(jwksOf(key)),
        issuer(jwksOf(key), { issuer: CLEVER, claims: 'clever' }),
      ),
    })
    const district = gateway.sandbox.districts[0] ?? expect.unreachable()
    const [teacher] = district.roster.teachersOf(CHILD)
    const clever = { multi_role_user_id: teacher?.id, user_type: 'teacher', district: district.id }
    const ask = async (from: string, claims: Record<string, unknown>) => {
      // A record that was read before would cost no call either.
      gateway.forget()
      const before = gateway.sandbox.calls.count()
      const response = await fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${await sign(key, { issuer: from, claims })}`,
        },
        body: JSON.stringify({ query: READS_CHILD }),
      })
      const { data, errors } = (await response.json()) as {
        data?: unknown
        errors?: { extensions: unknown }[]
      }
      const calls = gateway.sandbox.calls.count() - before
      return { status: response.status, data, code: errors?.[0]?.extensions, calls }
    }
    const refused = { status: 401, data: undefined, code: { code: 'UNAUTHENTICATED' }, calls: 0 }
    expect(await ask(CLEVER, clever)).toMatchObject({ status: 200, data: { student: { id: CHILD } } })
    expect(await ask(CLEVER, { kind: 'service', azp: 'x', districts: '*' })).toEqual(refused)
    expect(await ask('https://issuer.example', clever)).toEqual(refused)
    expect(await ask('https://issuer.example', { kind: 'guardian', contacts: [CAPITALS] })).toEqual(refused)
    expect(await ask('https://issuer.example', { kind: 'guardian', contacts: [] })).toEqual(refused)
  })

  it.each(['', 'students:write STUDENTS:READ students:read,contacts:read admin *'])(
    'a service with the scopes "%s" is told which it needs, and may read the schema alone',
    async (scope) => {
      await using gateway = await startGateway()
      const claims = { ...SERVICE, scope }
      const CONTACTS = '{ contacts { nodes { id } } district { name } }'
      const queries = [READS_CHILD, CONTACTS, 'subscription { contactChanges { eventId } }']
      for (const query of queries) {
        const { status, data, errors, headers, calls } = await gateway.ask(query, {}, claims)
        expect([status, data, calls]).toEqual([403, undefined, []])
        expect(errors).toMatchObject([
          {
            message: expect.stringContaining('scope students:read, contacts:read'),
            extensions: { code: 'FORBIDDEN' },
          },
        ])
        expect(headers.get('www-authenticate')).toContain('error="insufficient_scope"')
      }
      const metric = await gateway.metrics.requestsRefused.get()
      expect(metric.values).toMatchObject([{ labels: { reason: 'scope' }, value: queries.length }])
      expect((await gateway.ask('{ __schema { queryType { name } } }', {}, claims)).status).toBe(200)
      const reads = { ...SERVICE, scope: undefined, scp: ['students:read'] }
      expect((await gateway.ask(READS_CHILD, {}, reads)).data).toEqual({ student: { id: CHILD } })
    },
  )
})
