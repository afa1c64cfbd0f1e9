import { LRUCache } from 'lru-cache'
import type { Districts } from '../clever/districts.ts'
import type { UserId } from '../clever/ids.ts'
import type { Clock } from '../clock.ts'
import type { Loaders } from '../loaders/create-loaders.ts'
import type { Facts } from './decide.ts'
import { type Guardian, type Principal, principalKey, type Staff } from './principal.ts'

/** What the decision rests on cannot be read: then the answer is no, with this error, and never an older yes. */
export class FactsUnavailable extends Error {
  override readonly name = 'FactsUnavailable'
}

export interface FactSource {
  /** Undefined for a principal who needs none. Throws FactsUnavailable. */
  read(principal: Principal, districts: Districts, loaders: Loaders): Promise<Facts | undefined>
}

const NOBODY: ReadonlySet<UserId> = new Set()
const MOST_PRINCIPALS = 10_000

/** Remembers facts for `maxAge` ms, counted from before the calls that brought them; at 0, for nobody. */
export function createFactSource(clock: Clock, maxAge: number): FactSource {
  const remembered = new LRUCache<string, Facts>({ max: MOST_PRINCIPALS })

  return {
    async read(principal, districts, loaders) {
      if (principal.kind === 'SERVICE') return undefined
      const key = factsKey(principal)
      const known = remembered.get(key)
      const age = known === undefined ? Number.NaN : clock.now() - known.readAt
      // A clock that was set back would make them young for ever.
      if (known !== undefined && age >= 0 && age < maxAge) return known

      const readAt = clock.now()
      const facts = await readFacts(principal, districts, loaders).catch((error: unknown) => {
        if (error instanceof Error && error.name === 'AbortError') throw error
        throw new FactsUnavailable('the facts for a decision cannot be read', { cause: error })
      })
      remembered.set(key, { readAt, ...facts })
      return { readAt, ...facts }
    },
  }
}

/** Two tokens of one person may name different districts, and so different facts. */
function factsKey(principal: Exclude<Principal, { kind: 'SERVICE' }>): string {
  const { districtIds } = principal
  return `${principalKey(principal)}@${districtIds === 'ALL' ? 'ALL' : [...districtIds].sort().join('+')}`
}

async function readFacts(
  principal: Exclude<Principal, { kind: 'SERVICE' }>,
  districts: Districts,
  loaders: Loaders,
) {
  switch (principal.kind) {
    case 'GUARDIAN':
      return { contacts: await ownContacts(principal, loaders), students: NOBODY }
    case 'STAFF':
      return { contacts: [], students: await studentsOf(principal, districts, loaders) }
    case 'STUDENT':
      return { contacts: [], students: new Set([principal.userId]) }
  }
}

async function ownContacts({ contactIds }: Guardian, loaders: Loaders) {
  const users = await Promise.all(contactIds.map((id) => loaders.user(id)))
  return users.map((user) => user?.contact).filter((contact) => contact !== undefined)
}

/** Clever is asked each time whether the person still has the role: a token outlives it. */
async function studentsOf(
  { role, userId }: Staff,
  districts: Districts,
  loaders: Loaders,
): Promise<ReadonlySet<UserId> | 'EVERY'> {
  if (role === 'TEACHER')
    return idsOf((await districts.all()).map(({ districtId }) => loaders.studentsOf(userId, districtId)))

  const user = await loaders.user(userId)
  if (role === 'DISTRICT_ADMIN') return user?.isDistrictAdmin ? 'EVERY' : NOBODY
  const { districtId, schoolIds = [] } = user?.staff ?? {}
  if (districtId === undefined) return NOBODY
  return idsOf(schoolIds.map((schoolId) => loaders.studentsOfSchool(schoolId, districtId)))
}

async function idsOf(lists: readonly Promise<readonly UserId[]>[]): Promise<ReadonlySet<UserId>> {
  return new Set((await Promise.all(lists)).flat())
}
