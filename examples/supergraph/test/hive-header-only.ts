import { defineConfig } from '@graphql-hive/gateway'
import { gatewayConfig as example } from '../routers/hive.ts'

/** The example without signatures. */
export const gatewayConfig = defineConfig({ ...example, hmacSignature: undefined })
