import { describe, expect, it } from 'vitest'
import defaultPolicy from '../../src/access/default-policy.json' with { type: 'json' }
import { createPolicy, policyFile } from '../../src/access/policy.ts'
import { CHILD } from '../federation/documented-family.ts'
import { disclosedIn } from '../support/audited.ts'
import { guardian, startGateway } from '../support/gateway.ts'

/** What a mother, whom the district lists as Mother and Guardian, sees of her child and is said to be allowed. */
async function asMother(inferredWords: 'GRANT' | 'GRANT_NOTHING') {
  const policy = createPolicy(policyFile.parse({ ...defaultPolicy, inferredWords }))
  await using gateway = await startGateway({ policy })
  const district = gateway.sandbox.districts[0] ?? expect.unreachable()
  const mother =
    district.contacts.find((id) => district.roster.studentsOf(id).every(({ id }) => id !== CHILD)) ??
    expect.unreachable()
  district.addRelationship(mother, { student: CHILD, relationship: 'Mother', type: 'Guardian' })
  const query = `{
    student(id: "${CHILD}") { id }
    studentRelationships(contactId: "${mother}", studentId: "${CHILD}") { relationship relationshipIsInferred privileges }
    contactAccess(contactId: "${mother}", studentId: "${CHILD}", privilege: PICK_UP) { allowed reason }
  }`
  const toAll = await gateway.ask(query)
  const before = gateway.audited.length
  const toMother = await gateway.ask(query, {}, guardian(mother))
  expect([...toAll.errors, ...toMother.errors]).toEqual([])
  const disclosed = disclosedIn(gateway.audited.slice(before))
  return {
    toAll: toAll.data,
    toMother: toMother.data,
    reasons: disclosed
      .filter(({ studentId }) => studentId === CHILD)
      .map(({ privilege, reason }) => `${privilege} ${reason}`),
  }
}

const entry = { relationship: 'PARENT', relationshipIsInferred: true }

describe('a contact whose words are only inferred', () => {
  it('is shown as a parent, and may do nothing', async () => {
    const { toAll, toMother, reasons } = await asMother('GRANT_NOTHING')
    expect(toAll).toMatchObject({
      studentRelationships: [{ ...entry, privileges: [] }],
      contactAccess: { allowed: false, reason: 'POLICY_GRANTS_NOTHING' },
    })
    expect(toMother).toEqual({
      student: null,
      studentRelationships: [],
      contactAccess: { allowed: false, reason: 'NO_RELATIONSHIP' },
    })
    expect(reasons).toEqual([])
  })

  it('may do what a parent may where the policy says so, and the answer and the audit say why', async () => {
    const { toAll, toMother, reasons } = await asMother('GRANT')
    const expected = {
      student: { id: CHILD },
      studentRelationships: [{ ...entry, privileges: Object.keys(defaultPolicy.privileges) }],
      contactAccess: { allowed: true, reason: 'INFERRED_RELATIONSHIP' },
    }
    expect(toAll).toEqual(expected)
    expect(toMother).toEqual(expected)
    expect(reasons).toContain('VIEW_STUDENT INFERRED_RELATIONSHIP')
  })
})
