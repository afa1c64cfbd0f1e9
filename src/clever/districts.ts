import type { CleverClient, ClientOptions } from './client.ts'
import { createClient } from './client.ts'
import type { DistrictId } from './ids.ts'

/** The districts whose tokens we hold. Both methods throw the CleverErrors when the tokens cannot be read. */
export interface Districts {
  all(): Promise<readonly CleverClient[]>
  /** Undefined for a district that we hold no token of. */
  one(id: DistrictId): Promise<CleverClient | undefined>
}

/** As if there were no others. */
export function limitDistricts(districts: Districts, ids: ReadonlySet<DistrictId> | 'ALL'): Districts {
  if (ids === 'ALL') return districts
  return {
    all: async () => (await districts.all()).filter(({ districtId }) => ids.has(districtId)),
    one: async (id) => (ids.has(id) ? districts.one(id) : undefined),
  }
}

export function createDistricts(options: Omit<ClientOptions, 'districtId'>): Districts {
  const clients = new Map<DistrictId, CleverClient>()

  function clientOf(districtId: DistrictId): CleverClient {
    const client = clients.get(districtId) ?? createClient({ ...options, districtId })
    clients.set(districtId, client)
    return client
  }

  return {
    async all() {
      return (await options.tokens.districtIds()).map(clientOf)
    },
    async one(id) {
      return (await options.tokens.districtIds()).includes(id) ? clientOf(id) : undefined
    },
  }
}
