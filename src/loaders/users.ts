import DataLoader from 'dataloader'
import type { LimitFunction } from 'p-limit'
import type { CleverClient } from '../clever/client.ts'
import type { Districts } from '../clever/districts.ts'
import type { DistrictId, UserId } from '../clever/ids.ts'
import type { UserRecord } from '../clever/records.ts'
import type { Caller } from '../clever/transport.ts'

export interface UserLoader {
  /**
   * The user, or undefined for an id that Clever does not know or does not share. Without a district the id is looked
   * for in all of them, at one call each. Throws the CleverErrors and AllowanceSpent, for this id alone.
   */
  load(id: UserId, districtId?: DistrictId): Promise<UserRecord | undefined>
  /** Spares the call for a record that came by another way. */
  prime(client: CleverClient, record: UserRecord): void
}

/** Asks for each id once. Clever has no fetch-many, so different ids are different calls, side by side. */
export function createUserLoader(districts: Districts, caller: Caller, limit: LimitFunction): UserLoader {
  const loaders = new Map<CleverClient, DataLoader<UserId, UserRecord | undefined>>()

  function loaderOf(client: CleverClient) {
    const loader =
      loaders.get(client) ??
      new DataLoader<UserId, UserRecord | undefined>((ids) =>
        Promise.all(ids.map((id) => limit(() => client.user(id, caller)).catch((error) => error))),
      )
    loaders.set(client, loader)
    return loader
  }

  return {
    async load(id, districtId) {
      if (districtId !== undefined) {
        const client = await districts.one(districtId)
        return client && loaderOf(client).load(id)
      }
      const clients = await districts.all()
      return firstFound(clients.map((client) => loaderOf(client).load(id)))
    },
    prime(client, record) {
      loaderOf(client).prime(record.id, record)
    },
  }
}

const ABSENT = Symbol('absent')

/** Ids are unique over all districts, so one find settles it; an absence is only known when every district answered. */
async function firstFound(
  answers: readonly Promise<UserRecord | undefined>[],
): Promise<UserRecord | undefined> {
  try {
    return await Promise.any(answers.map(async (answer) => (await answer) ?? Promise.reject(ABSENT)))
  } catch (error) {
    const failures = error instanceof AggregateError ? error.errors : [error]
    const failure = failures.find((each) => each !== ABSENT)
    if (failure !== undefined) throw failure
    return undefined
  }
}
