import { once } from 'node:events'
import type { Server } from 'node:http'

/** Starts `server` on 127.0.0.1. Rejects when the port is taken; `close` also ends calls under way. */
export async function listen(server: Server, port: number): Promise<{ url: string; close(): Promise<void> }> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
