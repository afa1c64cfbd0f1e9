import { once } from 'node:events'
import { createServer } from 'node:net'

/**
 * A port that no process uses, for a server that starts later, or again. The system gives none of these ports to others
 * in between.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    const server = createServer().listen(port)
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    )
    server.close()
    if (isFree) return port
  }
}
