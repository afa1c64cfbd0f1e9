import { defineConfig } from '@graphql-hive/gateway'

const secret = process.env.ROUTER_SECRET ?? ''

export const gatewayConfig = defineConfig({
  hmacSignature: { secret },
  propagateHeaders: {
    fromClientToSubgraphs({ request, subgraphName }) {
      const authorization = request.headers.get('authorization')
      // Only the gateway gets the secret. It crosses the network, so use TLS outside of one machine.
      return subgraphName === 'clever-contacts'
        ? { authorization, 'x-router-secret': secret }
        : { authorization }
    },
  },
  transportEntries: {
    'clever-contacts': {
      options: {
        // Two requests in flight never share an answer of the gateway, even if a plugin adds the token later.
        deduplicateInflightRequests: false,
        // By default, subscriptions are GET requests: the variables would be in the URL, and there is no body to sign.
        subscriptions: { kind: 'http', options: { method: 'POST' } },
      },
    },
  },
  // Browsers and proxies must not keep the answers: they are for one viewer.
  plugins: () => [
    {
      onResponse({ response }: { readonly response: Response }) {
        response.headers.set('cache-control', 'no-store')
      },
    },
  ],
})
