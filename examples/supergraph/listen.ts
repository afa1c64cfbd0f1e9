import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/**
 * Routers keep idle connections for up to 90 s. A server that closes them earlier, as Node does after 5 s, loses the request that the
 * router sends at that moment.
 */
const KEEP_ALIVE_MS = 100_000

/** Listens on loopback, on a port that the system chooses, and returns the URL of `/graphql`. */
export async function listen(server: Server): Promise<string> {
  server.keepAliveTimeout = KEEP_ALIVE_MS
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return urlOf((server.address() as AddressInfo).port)
}

export function close(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

/** A port for a program that cannot say which one the system chose. */
export async function freePort(): Promise<number> {
  const server = createServer()
  const { port } = new URL(await listen(server))
  await close(server)
  return Number(port)
}

export function urlOf(port: number): string {
  return `http://127.0.0.1:${port}/graphql`
}
