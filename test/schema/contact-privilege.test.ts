import { describe, expect, it } from 'vitest'
import defaultPolicy from '../../src/access/default-policy.json' with { type: 'json' }
import { createPolicy, policyFile } from '../../src/access/policy.ts'
import { startGateway } from '../support/gateway.ts'

const MIXED = '63850203bfb8460546071ef6'
const NIECE = '63850203bfb8460546071e62'

describe('the policy of an operator', () => {
  const policy = createPolicy(
    policyFile.parse({
      ...defaultPolicy,
      privileges: { ...defaultPolicy.privileges, READ_LUNCH_MENU: 'See what there is to eat.' },
      relationships: [{ relationship: ['AUNT_UNCLE'], type: ['FAMILY'], privileges: ['READ_LUNCH_MENU'] }],
    }),
  )

  it('names the values of the enum ContactPrivilege, in the schema, in the contract and in the answers', async () => {
    await using gateway = await startGateway({ policy })
    const { data, errors } = await gateway.ask(`{
      __type(name: "ContactPrivilege") { enumValues { name description } }
      _service { sdl }
      studentRelationships(contactId: "${MIXED}", studentId: "${NIECE}") { privileges }
      contactAccess(contactId: "${MIXED}", studentId: "${NIECE}", privilege: READ_LUNCH_MENU) { allowed reason }
    }`)
    expect(errors).toEqual([])
    expect(data.__type.enumValues).toContainEqual({
      name: 'READ_LUNCH_MENU',
      description: 'See what there is to eat.',
    })
    expect(data._service.sdl).toContain('READ_LUNCH_MENU')
    expect(data.studentRelationships).toEqual([{ privileges: ['READ_LUNCH_MENU'] }])
    expect(data.contactAccess).toEqual({ allowed: true, reason: 'RELATIONSHIP' })
  })
})
