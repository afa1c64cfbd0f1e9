import { describe, expect, it } from 'vitest'
import { decideForContacts, type Rules } from '../../src/access/decide.ts'
import defaultPolicy from '../../src/access/default-policy.json' with { type: 'json' }
import { createOverrides } from '../../src/access/overrides.ts'
import { createPolicy, policyFile, VIEW_STUDENT } from '../../src/access/policy.ts'
import { Viewer } from '../../src/access/viewer.ts'
import { parseDistrictId } from '../../src/model/ids.ts'
import type { ContactRecord, RelationshipEntry } from '../../src/model/records.ts'
import { WARNINGS, type WarningCode } from '../../src/quality/warnings.ts'
import { privilegesOfRelationship } from '../../src/view/contacts.ts'
import { MISSING } from '../../src/view/missing.ts'
import { relationshipsOf, seeContact } from '../../src/view/visible.ts'
import { warningsFor } from '../../src/view/warnings.ts'
import { contact, NOW, overridesOf, user } from '../access/people.ts'
import { startGateway } from '../support/gateway.ts'
import { SERVICE_PRINCIPAL, startReadPath } from '../support/read-path.ts'
import { findFamily, PARENT } from './families.ts'

const idAt = (n: number) => user((n + 1).toString(16).padStart(24, 'a'))

/** A contact with so many entries, each about another student or all about one, that counts how often an entry is looked at. */
function countedContact(size: number, about: 'EACH' | 'ONE') {
  let looks = 0
  const whole = contact({
    id: 'b'.repeat(24),
    last: 'Many',
    entries: Array.from({ length: size }, (_, n) => ({
      student: idAt(about === 'EACH' ? n : 0),
      relationship: n % 2 === 0 ? 'Parent' : `Word ${n % 7}`,
      type: 'Parent/Guardian',
    })),
  })
  const counted = (entry: RelationshipEntry): RelationshipEntry => ({
    get studentId() {
      looks += 1
      return entry.studentId
    },
    get relationship() {
      looks += 1
      return entry.relationship
    },
    get type() {
      looks += 1
      return entry.type
    },
  })
  const record: ContactRecord = { ...whole, relationships: whole.relationships.map(counted) }
  return {
    record,
    looksDuring(work: () => void) {
      const before = looks
      work()
      return looks - before
    },
  }
}

const overrides = createOverrides(
  overridesOf({
    effect: 'DENY',
    student: idAt(1),
    privileges: 'ALL',
    reason: 'x',
    contact: { name: 'Many', email: 'many@example.org' },
  }),
)
const rules: Rules = {
  policy: createPolicy(policyFile.parse({ ...defaultPolicy, collisions: 'GRANT_NOTHING' })),
  overrides,
  now: NOW,
  maxAge: 60_000,
}

/** Of a contact three times as long, three times the work is done: with some more for what is done once. */
function expectLinear(work: (record: ContactRecord) => void, about: 'EACH' | 'ONE' = 'EACH') {
  const [short, long] = [1_000, 3_000].map((size) => {
    const { record, looksDuring } = countedContact(size, about)
    return looksDuring(() => work(record))
  })
  expect(long).toBeGreaterThan(0)
  expect(long).toBeLessThan(3.3 * (short ?? 0) + 100)
}

describe.each(['EACH', 'ONE'] as const)('O7: a contact with 3,000 entries about %s student', (about) => {
  it('O7: is as much work for each entry as one with 1,000: relationships { privileges }', async () => {
    await using path = await startReadPath()
    expectLinear((record) => {
      const view = path.requestOf(SERVICE_PRINCIPAL).newView()
      const contact = seeContact(view, record, 'FULL', view.now)
      for (const relationship of relationshipsOf(view, contact)) privilegesOfRelationship(view, relationship)
    }, about)
  })

  it('O7: is as much work for each entry: dataWarnings', async () => {
    await using path = await startReadPath()
    const codes = new Set(Object.keys(WARNINGS) as WarningCode[])
    codes.delete('POSSIBLE_DUPLICATE')
    const withoutStudents = new Set(codes)
    withoutStudents.delete('UNKNOWN_STUDENT')
    const districtId = parseDistrictId(path.district.id) ?? expect.unreachable()
    const warnings = (record: ContactRecord, wanted: ReadonlySet<WarningCode>) => {
      const view = path.requestOf(SERVICE_PRINCIPAL).newView()
      return warningsFor(view, seeContact(view, { ...record, districtId }, 'FULL', view.now), wanted)
    }
    expectLinear((record) => {
      // No student is known yet, and each one is looked for all the same.
      expect(() => warnings(record, codes)).toThrow(MISSING)
      warnings(record, withoutStudents)
    }, about)
  })

  it('O7: is as much work for each entry: what a guardian with such a record may see', () => {
    expectLinear((record) => {
      const facts = { readAt: NOW, contacts: [record], students: new Set<never>() }
      const principal = { kind: 'GUARDIAN', contactIds: [record.id], districtIds: 'ALL' } as const
      const viewer = new Viewer(principal, facts, rules, () => {})
      for (const { studentId } of record.relationships) {
        viewer.access(studentId).contacts
        viewer.basis(record.id, studentId)
      }
    }, about)
  })
})

describe('O7: a decision', () => {
  it('O7: looks at no entry about another student, where collisions and notes withhold', () => {
    const { record, looksDuring } = countedContact(3_000, 'EACH')
    decideForContacts([record], idAt(1), VIEW_STUDENT, rules)
    const looks = looksDuring(() => decideForContacts([record], idAt(2), VIEW_STUDENT, rules))
    expect(looks).toBeLessThan(50)
  })
})

describe('O7: the reply', () => {
  it('O7: has each of the 3,000 entries with its privileges, and the warnings', async () => {
    await using gateway = await startGateway()
    const [district] = gateway.sandbox.districts
    const { contact: parent } = findFamily(district ?? expect.unreachable())
    const entries = Array.from({ length: 3_000 }, (_, n) => ({ student: idAt(n), ...PARENT }))
    district?.editContact(parent.id, {}, { student_relationships: entries })
    const query = `query ($id: ID!) { contact(id: $id) { relationships { privileges } dataWarnings { code } } }`
    const { data, errors } = await gateway.ask(query, { id: parent.id })
    expect(errors).toEqual([])
    expect(data.contact.relationships).toHaveLength(3_000)
    expect(data.contact.dataWarnings).toContainEqual({ code: 'UNKNOWN_STUDENT' })
  })
})

/** One contact that all of 120 students share. */
async function startCrowd(compilation: 'ALWAYS' | 'NEVER') {
  const gateway = await startGateway({ compilation, sandbox: { students: 150 } })
  const district = gateway.sandbox.districts[0] ?? expect.unreachable()
  const { contact: parent } = findFamily(district)
  const entries = district.students.slice(0, 120).map((each) => ({ student: each, ...PARENT }))
  district.editContact(parent.id, {}, { student_relationships: entries })
  return {
    gateway,
    ask: (levels: number) => {
      const nested = `${'relationships{student{relationships{contact{'.repeat(levels)}id${'}}}}'.repeat(levels)}`
      return gateway.ask(`{contact(id:"${parent.id}"){${nested}}}`)
    },
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  }
}

describe.each(['ALWAYS', 'NEVER'] as const)('O8: a nested query, compiled %s', (compilation) => {
  it('O8: is answered while it resolves few records', async () => {
    await using crowd = await startCrowd(compilation)
    const { data, errors } = await crowd.ask(1)
    expect(errors).toEqual([])
    expect(data.contact.relationships).toHaveLength(120)
  })

  it.each([3])(
    'O8: is refused with QUERY_TOO_COMPLEX by what it resolves, nested %i times',
    async (levels) => {
      await using crowd = await startCrowd(compilation)
      const { data, errors, calls } = await crowd.ask(levels)
      expect(errors.map(({ extensions }) => extensions.code)).toEqual(['QUERY_TOO_COMPLEX'])
      expect(errors[0]?.message).toContain('too many records')
      expect(data ?? null).toBeNull()
      expect(calls.length).toBeLessThan(200)
      // Nothing was disclosed.
      expect(crowd.gateway.audited.length).toBe(0)
    },
  )
})
