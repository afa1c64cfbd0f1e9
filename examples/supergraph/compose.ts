import { composeServices as composeWithApollo } from '@apollo/composition'
import { composeServices as composeWithHive } from '@theguild/federation-composition'
import { type DocumentNode, parse } from 'graphql'

export interface SubgraphAddress {
  readonly name: string
  readonly url: string
}

export type Composer = 'apollo' | 'hive'

/** Decides at which URL the router finds a subgraph. */
export interface Exposure {
  expose(address: SubgraphAddress): Promise<string>
}

/** The supergraph as each of the two composers writes it. */
export type Supergraphs = Readonly<Record<Composer, string>>

/** Reads the contracts of the subgraphs, and composes them. */
export async function compose(
  addresses: readonly SubgraphAddress[],
  exposure: Exposure,
  secret: string,
): Promise<Supergraphs> {
  const subgraphs = await Promise.all(
    addresses.map(async (address) => ({
      name: address.name,
      url: await exposure.expose(address),
      typeDefs: parse(await readContract(address.url, secret)),
    })),
  )
  return composeContracts(subgraphs)
}

export interface Contract extends SubgraphAddress {
  readonly typeDefs: DocumentNode
}

/** Throws what a composer finds wrong. */
export function composeContracts(contracts: readonly Contract[]): Supergraphs {
  const subgraphs = [...contracts]
  return {
    apollo: supergraphOf(composeWithApollo(subgraphs)),
    hive: supergraphOf(composeWithHive(subgraphs)),
  }
}

/** Reads the contract that a subgraph serves, as `rover subgraph introspect` does. */
async function readContract(url: string, secret: string): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-router-secret': secret },
    body: JSON.stringify({ query: 'query SubgraphIntrospectQuery { _service { sdl } }' }),
  })
  const { data, errors } = (await response.json()) as {
    readonly data?: { readonly _service: { readonly sdl: string } }
    readonly errors?: unknown
  }
  if (data === undefined) throw new Error(`${url} shows no contract: ${JSON.stringify(errors)}`)
  return data._service.sdl
}

function supergraphOf(result: {
  readonly supergraphSdl?: string | undefined
  readonly errors?: readonly { readonly message: string }[] | undefined
}): string {
  if (result.supergraphSdl === undefined)
    throw new Error((result.errors ?? []).map(({ message }) => message).join('\n'))
  return result.supergraphSdl
}
