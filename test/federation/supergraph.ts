import { getStitchedSchemaFromSupergraphSdl } from '@graphql-tools/federation'
import type { ExecutionResult } from '@graphql-tools/utils'
import { assertCompositionSuccess, composeServices } from '@theguild/federation-composition'
import { type FormattedExecutionResult, graphql, parse, print } from 'graphql'
import type { TestGateway } from '../support/gateway.ts'
import type { Executor, Neighbor } from './neighbors/neighbor.ts'

export const GATEWAY = 'clever-contacts'

/** What the router sent to one subgraph. */
export interface SubgraphRequest {
  readonly subgraph: string
  readonly query: string
  /** Empty unless it asked for entities. */
  readonly representations: readonly unknown[]
}

export interface Supergraph {
  ask(query: string): Promise<FormattedExecutionResult>
  /** So far, in order. */
  requestsTo(subgraph: string): readonly SubgraphRequest[]
}

/** A router in process: over the gateway, on real HTTP and by the SDL that it serves, and its neighbors. */
export async function createSupergraph(
  gateway: TestGateway,
  neighbors: readonly Neighbor[],
): Promise<Supergraph> {
  const { data } = await gateway.ask('{ _service { sdl } }')
  const subgraphs = [{ name: GATEWAY, sdl: data._service.sdl, executor: overHttp(gateway) }, ...neighbors]
  const composition = composeServices(
    subgraphs.map(({ name, sdl }) => ({ name, typeDefs: parse(sdl), url: urlOf(name) })),
  )
  assertCompositionSuccess(composition)

  const requests: SubgraphRequest[] = []
  const schema = getStitchedSchemaFromSupergraphSdl({
    supergraphSdl: composition.supergraphSdl,
    onSubschemaConfig(config) {
      const subgraph = subgraphs.find(({ name }) => urlOf(name) === config.endpoint)
      if (subgraph === undefined) throw new Error(`no subgraph at ${config.endpoint}`)
      config.executor = (request) => {
        const variables: Record<string, unknown> = request.variables ?? {}
        const { representations } = variables
        requests.push({
          subgraph: subgraph.name,
          query: print(request.document),
          representations: Array.isArray(representations) ? representations : [],
        })
        return subgraph.executor(request)
      }
    },
  })

  return {
    async ask(query) {
      // Stitching batches by context: without one of its own, a request would be answered from those before it.
      const { data, errors } = await graphql({ schema, source: query, contextValue: {} })
      return JSON.parse(JSON.stringify({ data, errors: errors ?? [] }))
    },
    requestsTo: (name) => requests.filter(({ subgraph }) => subgraph === name),
  }
}

function urlOf(name: string): string {
  return `http://${name}.example/graphql`
}

function overHttp({ url, authorization }: TestGateway): Executor {
  return async ({ document, variables }) => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', authorization },
      body: JSON.stringify({ query: print(document), variables }),
    })
    return (await response.json()) as ExecutionResult
  }
}
