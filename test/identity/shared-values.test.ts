import { expect, it } from 'vitest'
import defaultPolicy from '../../src/access/default-policy.json' with { type: 'json' }
import { createPolicy, policyFile } from '../../src/access/policy.ts'
import { SHARED_BY } from '../../src/store/shared-values.ts'
import { CHILD, NIECE } from '../federation/documented-family.ts'
import { startGateway } from '../support/gateway.ts'

/** So many contacts of two students, with one phone and no e-mail. */
async function startSchool(sharing: number) {
  const policy = createPolicy(policyFile.parse({ ...defaultPolicy, collisions: 'GRANT_NOTHING' }))
  const gateway = await startGateway({ policy, sandbox: { students: 40 } })
  const school = gateway.sandbox.districts[0] ?? expect.unreachable()
  const ids = school.roster
    .users('contact')
    .slice(0, sharing)
    .map(({ id }) => id)
  const entries = [CHILD, NIECE].map((student) => ({
    student,
    relationship: 'Parent',
    type: 'Parent/Guardian',
  }))
  for (const [i, id] of ids.entries())
    school.editContact(
      id,
      { name: { last: `Maria Garcia ${i}` }, email: '' },
      { sis_id: undefined, phone: i % 2 ? '330-280-1000' : '(330) 280-1000', student_relationships: entries },
    )
  // All contacts of the district are known after this.
  await gateway.ask('{ contacts(first: 100, filter: { search: "maria" }) { nodes { id } } }')
  return { gateway, id: ids[0] ?? '' }
}

it.each([
  ['is one of a household below the number', SHARED_BY - 1, false],
  ['identifies no contact from that number on', SHARED_BY, true],
])('a phone that contacts of the district share %s', async (_what, sharing, collisionRisk) => {
  const { gateway, id } = await startSchool(sharing)
  await using _ = gateway
  const { data, errors } = await gateway.ask(
    `{ contact(id: "${id}") { identity { collisionRisk } relationships { privileges } }
       contactAccess(contactId: "${id}", studentId: "${CHILD}", privilege: PICK_UP) { allowed } }`,
  )
  expect(errors).toEqual([])
  expect(data.contact.identity).toEqual({ collisionRisk })
  expect(data.contactAccess).toEqual({ allowed: !collisionRisk })
  expect(data.contact.relationships[0].privileges.length > 0).toBe(!collisionRisk)
})
