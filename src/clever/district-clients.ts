import type { DistrictId } from '../model/ids.ts'
import type { CleverClient, ClientOptions } from './client.ts'
import { createClient } from './client.ts'
import type { CallContext } from './transport.ts'

/** All districts whose tokens the gateway holds. */
export interface DistrictClients {
  /** Undefined until the tokens have been read. Starts to read them again in the background when they are old. */
  known(): readonly CleverClient[] | undefined
  /** Waits for the tokens. Throws the CleverErrors when they cannot be read. */
  all(callContext: CallContext): Promise<readonly CleverClient[]>
}

export function createDistrictClients(options: Omit<ClientOptions, 'districtId'>): DistrictClients {
  const clients = new Map<DistrictId, CleverClient>()
  let last: { readonly ids: readonly DistrictId[]; readonly clients: readonly CleverClient[] } | undefined

  function clientOf(districtId: DistrictId): CleverClient {
    const client = clients.get(districtId) ?? createClient({ ...options, districtId })
    clients.set(districtId, client)
    return client
  }

  function clientsOf(ids: readonly DistrictId[]): readonly CleverClient[] {
    if (last?.ids !== ids) last = { ids, clients: ids.map(clientOf) }
    return last.clients
  }

  return {
    known() {
      const ids = options.tokens.knownDistrictIds()
      return ids && clientsOf(ids)
    },
    all: async (callContext) => clientsOf(await options.tokens.districtIds(callContext)),
  }
}
