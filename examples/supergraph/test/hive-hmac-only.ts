import { defineConfig } from '@graphql-hive/gateway'
import { gatewayConfig as example } from '../routers/hive.ts'

/** The example without the header. */
export const gatewayConfig = defineConfig({
  ...example,
  propagateHeaders: {
    fromClientToSubgraphs: ({ request }) => ({ authorization: request.headers.get('authorization') }),
  },
})
