import { readFileSync } from 'node:fs'
import { ApolloGateway, type GraphQLDataSourceProcessOptions, RemoteGraphQLDataSource } from '@apollo/gateway'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'

interface Context {
  readonly authorization: string | undefined
}

/** Every subgraph gets the viewer's token. */
class Source extends RemoteGraphQLDataSource<Context> {
  override willSendRequest({ request, context }: GraphQLDataSourceProcessOptions<Context>) {
    if (context.authorization !== undefined) request.http?.headers.set('authorization', context.authorization)
  }
}

/** Only the gateway gets the secret. It crosses the network, so use TLS outside of one machine. */
class ContactsSource extends Source {
  override willSendRequest(options: GraphQLDataSourceProcessOptions<Context>) {
    super.willSendRequest(options)
    options.request.http?.headers.set('x-router-secret', process.env.ROUTER_SECRET ?? '')
  }
}

const [, , supergraph = 'supergraph.graphql'] = process.argv
const server = new ApolloServer<Context>({
  gateway: new ApolloGateway({
    supergraphSdl: readFileSync(supergraph, 'utf8'),
    buildService: ({ name, url }) =>
      name === 'clever-contacts' ? new ContactsSource({ url }) : new Source({ url }),
  }),
  includeStacktraceInErrorResponses: false,
  // A refused token is a 401 of the subgraph, and Apollo shows its address in the error.
  formatError: ({ extensions: { response: _response, ...extensions } = {}, ...error }) => ({
    ...error,
    extensions,
  }),
})
const { url } = await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: Number(process.env.PORT ?? 4000) },
  context: async ({ req }) => ({ authorization: req.headers.authorization }),
})
console.log(`Listening on ${url}`)
