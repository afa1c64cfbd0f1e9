import { describe, expect, it } from 'vitest'
import defaultPolicy from '../../src/access/default-policy.json' with { type: 'json' }
import { createOverrides } from '../../src/access/overrides.ts'
import { createPolicy, policyFile } from '../../src/access/policy.ts'
import { CHILD, MIXED } from '../federation/documented-family.ts'
import { type Claims, guardian, SERVICE, startGateway } from '../support/gateway.ts'
import { overridesOf } from './people.ts'

const PRIVILEGES = Object.keys(defaultPolicy.privileges)
const PARENT = { relationship: 'Parent', type: 'Parent/Guardian' }
const SURE = { sis_id: 'S-1', phone: '330-280-1898' }

/** A district in which the child and another student have a parent whom Clever describes so. */
async function startSchool(fields: object, role: object = {}, policy: object = {}, ...overrides: object[]) {
  const gateway = await startGateway({
    ages: { displayMs: 0, decisionMs: 0 },
    policy: createPolicy(policyFile.parse({ ...defaultPolicy, ...policy })),
    overrides: () =>
      createOverrides(overridesOf(...overrides.map((each) => ({ ...each, contact: { id: MIXED } })))),
  })
  const district = gateway.sandbox.districts[0] ?? expect.unreachable()
  const other = district.students.find((id) => id !== CHILD) ?? expect.unreachable()
  const both = [CHILD, other].map((student) => ({ student, ...PARENT }))
  district.editContact(
    MIXED,
    { email: 'a@example.org', ...fields },
    { ...SURE, student_relationships: both, ...role },
  )
  const ask = async (query: string, as: Claims = SERVICE) => {
    const { data, errors } = await gateway.ask(query, {}, as)
    expect(errors).toEqual([])
    return data
  }
  return {
    gateway,
    district,
    other,
    ask,
    /** The privileges concerning the child, the other student, and whether there is a warning. */
    async seen() {
      const { contact, contactAccess: access } = await ask(`{
        contact(id: "${MIXED}") { relationships { studentId privileges } dataWarnings { code } }
        contactAccess(contactId: "${MIXED}", studentId: "${CHILD}", privilege: PICK_UP) { allowed reason }
      }`)
      const of = (student: string) =>
        contact.relationships
          .filter(({ studentId }: { studentId: string }) => studentId === student)
          .map(({ privileges }: { privileges: string[] }) => privileges.length)
      const codes = contact.dataWarnings.map(({ code }: { code: string }) => code)
      return { child: of(CHILD), other: of(other), access, warned: codes.includes('RESTRICTION_NOTE'), codes }
    },
    counted: async () => (await gateway.metrics.restrictionDenials.get()).values[0]?.value,
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  }
}

const ALL = PRIVILEGES.length
const WITHHELD = { allowed: false, reason: 'RESTRICTION_NOTE' }
const GIVEN = { allowed: true, reason: 'RELATIONSHIP' }

describe('a restriction note', () => {
  it.each<[string, object, object]>([
    ['the name', { name: { last: 'Aaron Collins (NO CONTACT)' } }, {}],
    ['two parts of the name', { name: { first: 'NO', last: 'CONTACT' } }, {}],
    ['the phone', {}, { phone: '330-280-1898 DO NOT RELEASE' }],
    ['the type of the phone', {}, { phone_type: 'Restricted' }],
    ['the e-mail', { email: 'a@example.org (court order)' }, {}],
  ])('in %s withholds the privileges of every pair', async (_where, fields, role) => {
    await using school = await startSchool(fields, role)
    expect(await school.seen()).toMatchObject({ child: [0], other: [0], access: WITHHELD, warned: true })
  })

  it.each([
    ['relationship', { relationship: 'NO CONTACT', type: 'Parent/Guardian' }],
    ['type', { relationship: 'Parent', type: 'Restricted - do not release' }],
    ['type, in Spanish', { relationship: 'Parent', type: 'orden de alejamiento' }],
  ])(
    'in the %s of an entry withholds those of the pair, also by its other entries',
    async (_where, noted) => {
      await using school = await startSchool({})
      school.district.addRelationship(MIXED, { student: CHILD, ...noted })
      expect(await school.seen()).toMatchObject({
        child: [0, 0],
        other: [ALL],
        access: WITHHELD,
        warned: true,
      })
    },
  )

  it('takes the student from the guardian, and nothing of the student is shown', async () => {
    await using school = await startSchool({})
    school.district.addRelationship(MIXED, { student: CHILD, relationship: 'NO CONTACT', type: '' })
    const { student, contactsViewer: viewer } = await school.ask(
      `{ student(id: "${CHILD}") { id } contactsViewer { students { studentId } } }`,
      guardian(MIXED),
    )
    expect({ student, viewer }).toEqual({
      student: null,
      viewer: { students: [{ studentId: school.other }] },
    })
    expect(school.gateway.audited.join('')).not.toContain(CHILD)
  })

  it('on one of several records of a guardian withholds the student altogether', async () => {
    await using school = await startSchool({})
    const second = school.district.contacts.find((id) => id !== MIXED) ?? expect.unreachable()
    school.district.editContact(
      second,
      {},
      { student_relationships: [{ student: CHILD, relationship: 'no contact' }] },
    )
    const seen = async (...ids: string[]) =>
      (await school.ask(`{ student(id: "${CHILD}") { id } }`, guardian(...ids))).student
    expect(await seen(MIXED)).toEqual({ id: CHILD })
    expect(await seen(MIXED, second)).toBeNull()
    expect(await seen(second, MIXED)).toBeNull()
  })

  it('is ignored where the policy says so, and warned of all the same', async () => {
    await using school = await startSchool({ name: { last: 'NO CONTACT' } }, {}, { restrictions: 'IGNORE' })
    expect(await school.seen()).toMatchObject({ child: [ALL], other: [ALL], access: GIVEN, warned: true })
    expect(await school.counted()).toBe(0)
  })

  it('withholds where the policy says nothing of it', async () => {
    await using school = await startSchool({ name: { last: 'NO CONTACT' } }, {}, { restrictions: undefined })
    expect(await school.seen()).toMatchObject({ access: WITHHELD })
  })

  const grant = { effect: 'GRANT', student: CHILD, privileges: ['VIEW_STUDENT', 'PICK_UP'], reason: 'x' }

  it('gives way to an override that grants to the pair', async () => {
    await using school = await startSchool({ name: { last: 'NO CONTACT' } }, {}, {}, grant)
    expect(await school.seen()).toMatchObject({
      child: [2],
      other: [0],
      access: { allowed: true, reason: 'OVERRIDE_GRANTS' },
    })
  })

  it('leaves a denial its reason', async () => {
    const denial = { effect: 'DENY', student: CHILD, privileges: 'ALL', reason: 'x' }
    const gateway = { sisId: 'S-1' }
    await using school = await startSchool({ name: { last: 'NO CONTACT' } })
    await using denied = await startGateway({
      over: school.gateway.sandbox,
      overrides: () =>
        createOverrides(overridesOf({ ...denial, contact: gateway }, { ...grant, contact: gateway })),
    })
    const { data } = await denied.ask(
      `{ contactAccess(contactId: "${MIXED}", studentId: "${CHILD}", privilege: PICK_UP) { reason } }`,
    )
    expect(data.contactAccess.reason).toBe('OVERRIDE_DENIES')
  })

  it('is the reason before the risk of a collision', async () => {
    const bare = { sis_id: '', phone: '' }
    await using school = await startSchool({ email: '', name: { last: 'NO CONTACT' } }, bare, {
      collisions: 'GRANT_NOTHING',
    })
    expect((await school.seen()).access).toEqual(WITHHELD)
  })

  it('is counted by decision and by entry', async () => {
    await using school = await startSchool({ name: { last: 'NO CONTACT' } })
    await school.ask(
      `{ contactAccess(contactId: "${MIXED}", studentId: "${CHILD}", privilege: PICK_UP) { allowed } }`,
    )
    expect(await school.counted()).toBe(1)
    await school.ask(`{ contact(id: "${MIXED}") { relationships { privileges } } }`)
    expect(await school.counted()).toBe(3)
    await school.ask(`{ contact(id: "${MIXED}") { displayName } }`)
    expect(await school.counted()).toBe(3)
  })

  it('is counted in the report of the district', async () => {
    await using school = await startSchool({ name: { last: 'NO CONTACT' } })
    const { districts } = await school.ask(
      '{ districts { contactReport { warnings { code contactCount } } } }',
    )
    expect(districts[0].contactReport.warnings).toContainEqual({ code: 'RESTRICTION_NOTE', contactCount: 1 })
  })

  it('of another student is not shown to a viewer who may not see that student', async () => {
    await using school = await startSchool({})
    const second = school.district.contacts.find((id) => id !== MIXED) ?? expect.unreachable()
    school.district.editContact(
      second,
      {},
      {
        student_relationships: [{ student: CHILD, ...PARENT }],
      },
    )
    const entries = [
      { student: CHILD, ...PARENT },
      { student: school.other, relationship: 'NO CONTACT', type: '' },
    ]
    school.district.editContact(MIXED, {}, { student_relationships: entries })
    const { contact } = await school.ask(
      `{ contact(id: "${MIXED}") { dataWarnings { code } relationships { studentId privileges } } }`,
      guardian(second),
    )
    expect(contact.relationships).toEqual([{ studentId: CHILD, privileges: PRIVILEGES }])
    expect(contact.dataWarnings.map(({ code }: { code: string }) => code)).not.toContain('RESTRICTION_NOTE')
  })
})

describe('a record that was cut', () => {
  it.each<[string, object, object]>([
    ['name', { name: { last: 'Aaron '.repeat(300) } }, {}],
    ['phone', {}, { phone: `330-280-1898${' '.repeat(1_000)}NO CONTACT` }],
  ])('may have held a note: nothing is granted by a %s longer than is kept', async (_what, fields, role) => {
    await using school = await startSchool(fields, role)
    const { codes, ...seen } = await school.seen()
    expect(seen).toEqual({ child: [0], other: [0], access: WITHHELD, warned: false })
    expect(codes).toContain('RECORD_CUT')
  })

  it('stays cut in memory', async () => {
    await using school = await startSchool({ name: { last: 'Aaron '.repeat(300) } })
    await using warm = await startGateway({ over: school.gateway.sandbox, warm: 'off' })
    await warm.ask('{ contacts(first: 100) { nodes { id } } }')
    const { data, calls } = await warm.ask(
      `{ contactAccess(contactId: "${MIXED}", studentId: "${CHILD}", privilege: PICK_UP) { reason } }`,
    )
    expect(data.contactAccess.reason).toBe('RESTRICTION_NOTE')
    expect(calls).toEqual([])
  })
})

describe('a contact without a readable entry', () => {
  const broken = { student_relationships: [{ student: 'nobody', ...PARENT }, {}] }

  it('is warned of, and counted in the report', async () => {
    await using school = await startSchool({}, broken)
    expect((await school.seen()).codes).toContain('NO_READABLE_ENTRY')
    const { districts } = await school.ask(
      '{ districts { contactReport { warnings { code contactCount } } } }',
    )
    expect(districts[0].contactReport.warnings).toContainEqual({ code: 'NO_READABLE_ENTRY', contactCount: 1 })
  })

  it('looks like one with entries, where the viewer may see none of them', async () => {
    await using school = await startSchool({})
    const blind = { clever_kind: 'service', sub: 'x', scope: 'contacts:read', clever_district_ids: '*' }
    const codes = async () =>
      (await school.ask(`{ contact(id: "${MIXED}") { dataWarnings { code } } }`, blind)).contact.dataWarnings
    const before = await codes()
    school.district.editContact(MIXED, {}, broken)
    expect(await codes()).toEqual(before)
    expect(before).not.toContainEqual({ code: 'NO_READABLE_ENTRY' })
  })
})
