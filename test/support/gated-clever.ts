import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts'

/**
 * A sandbox behind a gate: calls whose path and query match `pattern` reach it only when the gate is open. It is closed at first.
 */
export async function startGatedClever(pattern: RegExp, options: SandboxOptions) {
  const sandbox = await startSandbox(options)
  const opened = Promise.withResolvers<void>()
  const waiting: string[] = []

  async function pass({ url = '', headers }: IncomingMessage, response: ServerResponse) {
    const { authorization = '' } = headers
    if (pattern.test(url)) {
      waiting.push(authorization)
      await opened.promise
    }
    if (response.destroyed) return
    const answer = await fetch(sandbox.url + url, { headers: { authorization } })
    const body = Buffer.from(await answer.arrayBuffer())
    const { 'content-length': _length, ...rest } = Object.fromEntries(answer.headers)
    response.writeHead(answer.status, rest).end(body)
  }

  const server = createServer((request, response) => {
    // Calls that are under way when the test ends have no answer.
    pass(request, response).catch(() => response.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const gated: Sandbox = { ...sandbox, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
  return {
    sandbox: gated,
    /** The districts whose calls have waited at the gate. */
    waited: () => sandbox.districts.filter(({ token }) => waiting.includes(`Bearer ${token}`)),
    open: () => opened.resolve(),
    async [Symbol.asyncDispose]() {
      opened.resolve()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await sandbox.close()
    },
  }
}
