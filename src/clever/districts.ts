import type { CleverClient, ClientOptions } from './client.ts'
import { createClient } from './client.ts'
import type { DistrictId } from './ids.ts'
import type { Caller } from './transport.ts'

/** The districts that one caller may reach. Both methods throw the CleverErrors when the tokens cannot be read. */
export interface Districts {
  all(): Promise<readonly CleverClient[]>
  /** Undefined for a district that is not among them. */
  one(id: DistrictId): Promise<CleverClient | undefined>
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
    async function all() {
      const held = await options.tokens.districtIds(caller)
      return held.filter((id) => ids === 'ALL' || ids.has(id)).map(clientOf)
    }
    return {
      all,
      one: async (id) => (await all()).find(({ districtId }) => districtId === id),
    }
  }
}
