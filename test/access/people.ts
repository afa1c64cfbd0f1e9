import defaultPolicy from '../../src/access/default-policy.json' with { type: 'json' }
import { type OverridesFile, overridesFile } from '../../src/access/overrides.ts'
import { createPolicy, type Privilege, policyFile } from '../../src/access/policy.ts'
import { parseUser } from '../../src/clever/records.ts'
import { type DistrictId, parseDistrictId, parseUserId, type UserId } from '../../src/model/ids.ts'
import type { ContactRecord } from '../../src/model/records.ts'

/** Words for the tests that need no gateway: people as Clever writes them. */
export interface Person {
  readonly id: string
  readonly first?: string | undefined
  readonly middle?: string | undefined
  readonly last?: string | undefined
  readonly email?: string | undefined
  readonly phone?: string | undefined
  readonly sisId?: string | undefined
  readonly legacyId?: string | undefined
  readonly entries?: readonly Entry[]
}

export interface Entry {
  readonly student: string
  readonly relationship?: string | undefined
  readonly type?: string | undefined
}

export const DISTRICT_ID = district('d'.repeat(24))
export const SHIPPED_POLICY = createPolicy(policyFile.parse(defaultPolicy))
export const NOW = Date.parse('2026-11-22T12:00:00Z')

function district(text: string): DistrictId {
  return parseDistrictId(text) ?? failing(text)
}

export function user(text: string): UserId {
  return parseUserId(text) ?? failing(text)
}

export const privilege = (name: string) => name as Privilege

/** Read as the gateway reads it. */
export function contact({ id, first, middle, last, email, phone, sisId, legacyId, entries = [] }: Person) {
  const record: ContactRecord | undefined = parseUser(
    {
      id,
      name: { first, middle, last },
      email,
      roles: {
        contact: { phone, sis_id: sisId, legacy_id: legacyId, student_relationships: entries },
      },
    },
    DISTRICT_ID,
  )?.contact
  return record ?? failing(id)
}

export function overridesOf(...overrides: readonly object[]): OverridesFile {
  return overridesFile.parse({ overrides })
}

function failing(text: string): never {
  throw new Error(`${text} will not do`)
}
