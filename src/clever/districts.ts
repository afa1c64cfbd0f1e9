import { type MaybePromise, run, type Steps, wait } from '../maybe-promise.ts'
import type { CleverClient, ClientOptions } from './client.ts'
import { createClient } from './client.ts'
import type { DistrictId } from './ids.ts'
import type { Caller } from './transport.ts'

/** The districts that one caller may reach. Both methods throw the CleverErrors when the tokens cannot be read. */
export interface Districts {
  all(): MaybePromise<readonly CleverClient[]>
  /** Undefined for a district that is not among them. */
  one(id: DistrictId): MaybePromise<CleverClient | undefined>
}

/** All districts whose tokens we hold, for a caller who may reach some of them, or ALL. */
export type DistrictsFor = (caller: Caller, ids: ReadonlySet<DistrictId> | 'ALL') => Districts

export function createDistricts(options: Omit<ClientOptions, 'districtId'>): DistrictsFor {
  const clients = new Map<DistrictId, CleverClient>()

  function clientOf(districtId: DistrictId): CleverClient {
    const client = clients.get(districtId) ?? createClient({ ...options, districtId })
    clients.set(districtId, client)
    return client
  }

  return (caller, ids) => {
    let known: readonly CleverClient[] | undefined

    function* readAll(): Steps<readonly CleverClient[]> {
      const held = yield* wait(options.tokens.districtIds(caller))
      known = held.filter((id) => ids === 'ALL' || ids.has(id)).map(clientOf)
      return known
    }
    function* readOne(id: DistrictId): Steps<CleverClient | undefined> {
      return (known ?? (yield* readAll())).find(({ districtId }) => districtId === id)
    }
    // For the one caller they stay the same.
    return { all: () => known ?? run(readAll()), one: (id) => run(readOne(id)) }
  }
}
