import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createMetricsServer } from '../http/metrics-server.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import { config, exitUnlessListening } from './process.ts'

/** The metrics on a port of their own, if one is set. */
export async function serveMetrics(metrics: Metrics, log: Logger): Promise<Server | undefined> {
  const { METRICS_PORT, METRICS_HOST = config.HOST, METRICS_PATH } = config
  if (METRICS_PORT === undefined) return undefined
  const server = createMetricsServer(metrics, METRICS_PATH).listen(METRICS_PORT, METRICS_HOST)
  await once(server, 'listening').catch(exitUnlessListening('METRICS_HOST or METRICS_PORT'))
  log.info({ port: (server.address() as AddressInfo).port }, 'serving metrics')
  return server
}

export async function listen(server: Server): Promise<AddressInfo> {
  server.listen(config.PORT, config.HOST)
  await once(server, 'listening')
    .catch((error: unknown) => listenWithoutIpv6(server, error))
    .catch(exitUnlessListening('HOST or PORT'))
  return server.address() as AddressInfo
}

/** A host without IPv6 has no address `::`; every address is then 0.0.0.0. */
async function listenWithoutIpv6(server: Server, error: unknown) {
  const isWithout = ['EAFNOSUPPORT', 'EADDRNOTAVAIL'].includes((error as NodeJS.ErrnoException).code ?? '')
  if (config.HOST !== '::' || !isWithout) throw error
  server.listen(config.PORT, '0.0.0.0')
  await once(server, 'listening')
}
