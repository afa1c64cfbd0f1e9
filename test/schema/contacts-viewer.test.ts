import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CHILD, DISTRICT, MIXED } from '../federation/documented-family.ts'
import {
  type Claims,
  DEFAULT_POLICY,
  guardian,
  SERVICE,
  startGateway,
  type TestGateway,
} from '../support/gateway.ts'

const QUERY = '{ contactsViewer { kind id displayName } }'

let gateway: TestGateway
beforeAll(async () => {
  gateway = await startGateway()
})
beforeEach(() => gateway.forget())
afterAll(() => gateway[Symbol.asyncDispose]())

type Role = 'teacher' | 'staff' | 'district_admin'

const person = (kind: string, id: string): Claims => ({
  clever_kind: kind,
  clever_user_id: id,
  clever_district_ids: [DISTRICT],
})

function personIn(role: Role) {
  const [user] = gateway.sandbox.districts[0]?.roster.users(role) ?? []
  const { first, last } = user?.name ?? {}
  return { id: user?.id ?? expect.unreachable(), displayName: [first, last].filter(Boolean).join(' ') }
}

async function viewer(claims: Claims) {
  const { data, errors, calls } = await gateway.ask(QUERY, {}, claims)
  expect(errors).toEqual([])
  return { ...data.contactsViewer, calls }
}

describe('contactsViewer.id and displayName', () => {
  it('are null for a service, without a call', async () => {
    expect(await viewer(SERVICE)).toEqual({ kind: 'SERVICE', id: null, displayName: null, calls: [] })
  })

  it('are those of the contact that a guardian is, for one call', async () => {
    const aaron = { kind: 'GUARDIAN', id: MIXED, displayName: 'Aaron Collins' }
    expect(await viewer(guardian(MIXED))).toEqual({ ...aaron, calls: [`/users/${MIXED}`] })
  })

  it('are those of the first contact of the token that Clever has', async () => {
    const contacts = gateway.sandbox.districts[0]?.contacts ?? []
    const other = contacts.find((id) => id !== MIXED) ?? expect.unreachable()
    expect(await viewer(guardian(MIXED, other))).toMatchObject({ id: MIXED })
    expect(await viewer(guardian('0'.repeat(24), other, MIXED))).toMatchObject({ id: other })
    expect(await viewer(guardian('0'.repeat(24)))).toMatchObject({ id: null, displayName: null })
  })

  it('are those of the record of a student, and are in the audit as such', async () => {
    const before = gateway.audited.length
    expect(await viewer(person('student', CHILD))).toEqual({
      kind: 'STUDENT',
      id: CHILD,
      displayName: 'Jonah S Collins',
      calls: [`/users/${CHILD}`],
    })
    const lines = gateway.audited.slice(before)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(CHILD)
  })

  it.each([
    ['teacher', 'teacher'],
    ['school_staff', 'staff'],
    ['district_admin', 'district_admin'],
  ] as const)('are those of the record of a %s, which is no line of the audit', async (kind, role) => {
    const shown = personIn(role)
    const before = gateway.audited.length
    expect(await viewer(person(kind, shown.id))).toMatchObject({ kind: 'STAFF', ...shown })
    expect(shown.displayName).not.toBe('')
    expect(gateway.audited.length).toBe(before)
  })

  it('cost staff no call beside those that decide what they may see', async () => {
    await using fresh = await startGateway()
    const claims = person('teacher', personIn('teacher').id)
    const first = await fresh.ask('{ contactsViewer { students { studentId } } }', {}, claims)
    expect(first.calls.length).toBeGreaterThan(0)
    expect((await fresh.ask(QUERY, {}, claims)).calls).toEqual([])
  })

  it.each(['teacher', 'school_staff', 'district_admin', 'student'])(
    'are null for a %s whose record does not have the role of the token',
    async (kind) => {
      expect(await viewer(person(kind, MIXED))).toMatchObject({ id: null, displayName: null })
    },
  )

  it('are null for a student whom the policy does not let see the own record', async () => {
    const policy = { ...DEFAULT_POLICY, grantedTo: () => new Set<never>() }
    await using strict = await startGateway({ policy })
    const { data, errors } = await strict.ask(QUERY, {}, person('student', CHILD))
    expect([data.contactsViewer, errors]).toEqual([{ kind: 'STUDENT', id: null, displayName: null }, []])
  })

  it('are null with an error if Clever cannot be asked, and leave what is known', async () => {
    const remove = gateway.sandbox.faults.add({ path: `/users/${MIXED}`, status: 503 })
    const { data, errors } = await gateway.ask(QUERY, {}, guardian(MIXED))
    remove()
    expect(data.contactsViewer).toEqual({ kind: 'GUARDIAN', id: null, displayName: null })
    expect(new Set(errors.map(({ extensions }) => extensions.code))).toEqual(
      new Set(['UPSTREAM_UNAVAILABLE']),
    )
  })
})
