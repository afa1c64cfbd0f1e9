import { describe, expect, it } from 'vitest'
import defaultPolicy from '../../src/access/default-policy.json' with { type: 'json' }
import { createOverrides } from '../../src/access/overrides.ts'
import { createPolicy, policyFile } from '../../src/access/policy.ts'
import { CHILD, MIXED } from '../federation/documented-family.ts'
import { disclosedIn } from '../support/audited.ts'
import { type Claims, guardian, SERVICE, startGateway } from '../support/gateway.ts'
import { overridesOf } from './people.ts'

const PRIVILEGES = Object.keys(defaultPolicy.privileges)

/** A district where the child of the document has a parent of whom Clever knows a name, and other students. */
async function startSchool(collisions: 'GRANT' | 'GRANT_NOTHING', ...overrides: object[]) {
  const policy = createPolicy(policyFile.parse({ ...defaultPolicy, collisions }))
  let parent = ''
  const gateway = await startGateway({
    policy,
    overrides: () =>
      createOverrides(overridesOf(...overrides.map((each) => ({ ...each, contact: { id: parent } })))),
  })
  const district = gateway.sandbox.districts[0] ?? expect.unreachable()
  const bare = district.roster
    .users('contact')
    .find(({ email, roles }) => !email && !roles.contact?.phone && !roles.contact?.sis_id)
  parent = bare?.id ?? expect.unreachable()
  district.addRelationship(parent, { student: CHILD, relationship: 'Parent', type: 'Parent/Guardian' })
  const ask = async (query: string, as: Claims = SERVICE) => {
    const { data, errors } = await gateway.ask(query, {}, as)
    expect(errors).toEqual([])
    return data
  }
  return {
    gateway,
    parent,
    ask,
    /** To be seen is the child alone, also where the contact has other students. */
    pair: `{
      student(id: "${CHILD}") { relationships { contactId studentId privileges } }
      contact(id: "${parent}") { identity { collisionRisk } relationships { studentId privileges } }
      contactAccess(contactId: "${parent}", studentId: "${CHILD}", privilege: PICK_UP) { allowed reason }
    }`,
    collisions: async () => (await gateway.metrics.collisionDenials.get()).values[0]?.value,
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  }
}

type School = Awaited<ReturnType<typeof startSchool>>

/** The privileges of the parent, as answered. */
async function told({ ask, parent, pair }: School, as?: Claims) {
  const { student, contact, contactAccess: access } = await ask(pair, as)
  const ofChild = (all: { studentId: string; contactId?: string; privileges: string[] }[]) =>
    all
      .filter(({ studentId, contactId = parent }) => studentId === CHILD && contactId === parent)
      .map(({ privileges }) => privileges)
  return {
    byStudent: ofChild(student.relationships),
    byContact: ofChild(contact.relationships),
    access,
    students: contact.relationships.length,
  }
}

const WITH_NOTHING = {
  byStudent: [[]],
  byContact: [[]],
  access: { allowed: false, reason: 'COLLISION_RISK' },
}
const WITH_EVERYTHING = {
  byStudent: [PRIVILEGES],
  byContact: [PRIVILEGES],
  access: { allowed: true, reason: 'RELATIONSHIP' },
}
const grant = { effect: 'GRANT', student: CHILD, privileges: ['VIEW_STUDENT', 'PICK_UP'], reason: 'x' }

describe('a contact who may be two people', () => {
  it('has what the entries give, where the policy says nothing else', async () => {
    await using school = await startSchool('GRANT')
    expect(await told(school)).toEqual({ ...WITH_EVERYTHING, students: 3 })
    expect(await told(school, guardian(school.parent))).toMatchObject(WITH_EVERYTHING)
    expect(await school.collisions()).toBe(0)
  })

  it('has nothing if collisions grant nothing, for every viewer and however few of the students they may see', async () => {
    await using school = await startSchool('GRANT_NOTHING')
    expect(await told(school)).toEqual({ ...WITH_NOTHING, students: 3 })
    // Another parent of the child, who sees one of the three.
    expect(await told(school, guardian(MIXED))).toEqual({ ...WITH_NOTHING, students: 1 })
  })

  it('sees none of the students when signing in, and nothing about them', async () => {
    await using school = await startSchool('GRANT_NOTHING')
    const data = await school.ask(
      `{ student(id: "${CHILD}") { id } contactsViewer { students { studentId } } students { totalCount }
         contactAccess(contactId: "${school.parent}", studentId: "${CHILD}", privilege: PICK_UP) { allowed reason } }`,
      guardian(school.parent),
    )
    expect(data).toEqual({
      student: null,
      contactsViewer: { students: [] },
      students: { totalCount: 0 },
      contactAccess: { allowed: false, reason: 'NO_RELATIONSHIP' },
    })
    expect(school.gateway.audited.join('')).not.toContain(CHILD)
  })

  it('has what an override grants to the pair, and the audit says so', async () => {
    await using school = await startSchool('GRANT_NOTHING', grant)
    const { access, byContact } = await told(school, guardian(school.parent)).catch(() =>
      expect.unreachable(),
    )
    expect(access).toEqual({ allowed: true, reason: 'OVERRIDE_GRANTS' })
    expect(byContact).toEqual([['VIEW_STUDENT', 'PICK_UP']])
    expect(disclosedIn(school.gateway.audited)).toMatchObject([
      { studentId: CHILD, privilege: 'VIEW_STUDENT', reason: 'OVERRIDE_GRANTS' },
    ])
  })

  it('takes nothing from the other contacts of the same person', async () => {
    await using school = await startSchool('GRANT_NOTHING')
    const { contactsViewer: viewer } = await school.ask(
      '{ contactsViewer { students { studentId privileges } } }',
      guardian(school.parent, MIXED),
    )
    expect(viewer.students).toEqual([{ studentId: CHILD, privileges: PRIVILEGES }])
  })
})

describe('a denial because of a collision', () => {
  const counted = async (query: (parent: string) => string, asParent = false) => {
    await using school = await startSchool('GRANT_NOTHING')
    await school.ask(query(school.parent), asParent ? guardian(school.parent) : SERVICE)
    return school.collisions()
  }

  it('is counted when it takes a student from a guardian', async () => {
    expect(await counted(() => `{ student(id: "${CHILD}") { id } }`, true)).toBe(1)
  })

  it('is counted when the access of the pair is asked for', async () => {
    expect(
      await counted(
        (parent) =>
          `{ contactAccess(contactId: "${parent}", studentId: "${CHILD}", privilege: PICK_UP) { allowed } }`,
      ),
    ).toBe(1)
  })

  it('is counted when it empties the privileges of an entry, once for each', async () => {
    // The others of the contact's entries would give EMERGENCY_CALL.
    expect(await counted((parent) => `{ contact(id: "${parent}") { relationships { privileges } } }`)).toBe(3)
  })

  it('is not counted for what is only shown, and for what nothing would have given', async () => {
    const query = (parent: string) => `{
      contact(id: "${parent}") { relationships { studentId } }
      other: contact(id: "${MIXED}") { relationships { privileges } } }`
    expect(await counted(query)).toBe(0)
  })
})
