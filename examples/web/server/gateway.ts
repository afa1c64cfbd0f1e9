import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const CHECKOUT = fileURLToPath(new URL('../../..', import.meta.url))

/** The gateway of this checkout, in a process of its own, on the sandbox. */
export interface Gateway extends AsyncDisposable {
  /** Such as http://localhost:4000 */
  readonly url: string
  readonly sandboxUrl: string
}

/** Starts the gateway with these settings. The system chooses the ports unless a setting names them. */
export async function startGateway(settings: Readonly<Record<string, string>> = {}): Promise<Gateway> {
  const gateway = spawn(process.execPath, ['src/main.ts'], {
    cwd: CHECKOUT,
    env: {
      PORT: '0',
      AUDIT: 'off',
      LOG_LEVEL: 'warn',
      WARM: 'eager',
      EVENTS_INTERVAL_MS: '1000',
      ...settings,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const stop = () => gateway.kill()
  process.once('exit', stop)
  return {
    ...(await addressesOf(gateway)),
    async [Symbol.asyncDispose]() {
      process.off('exit', stop)
      const ended = once(gateway, 'exit')
      if (gateway.kill()) await ended
    },
  }
}

/** What the gateway prints when it is ready. */
function addressesOf(gateway: ChildProcess): Promise<{ url: string; sandboxUrl: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ url: string; sandboxUrl: string }>()
  let output = ''
  gateway.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output += text
    const [, url] = /GraphiQL +(\S+)\/graphql\n/.exec(output) ?? []
    const [, sandboxUrl] = /Clever +(\S+)\/_sandbox /.exec(output) ?? []
    if (url !== undefined && sandboxUrl !== undefined) resolve({ url, sandboxUrl })
  })
  gateway.once('exit', (code) => reject(new Error(`The gateway ended with ${code}.\n${output}`)))
  return promise
}
