import { execFileSync, spawn } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type FlakyProxy, startFlakyProxy } from '../support/flaky-proxy.ts'
import { AARON, type Gateway, JONAH, NAOMI, startGateway } from '../support/gateway.ts'

const soon = { timeout: 60_000, interval: 50 }
let gateway: Gateway
let proxy: FlakyProxy
beforeAll(async () => {
  gateway = await startGateway()
  proxy = await startFlakyProxy(gateway.url)
})
afterAll(async () => {
  await proxy[Symbol.asyncDispose]()
  await gateway[Symbol.asyncDispose]()
})
const environment = () => ({
  PATH: process.env.PATH,
  GATEWAY: proxy.url,
  TOKEN: gateway.token,
  DELAY: '0.05',
})

function hasCommands(): boolean {
  try {
    execFileSync('curl', ['--version'])
    execFileSync('jq', ['--version'])
    return true
  } catch {
    return false
  }
}

// With CI=true they fail without curl and jq.
describe.runIf(process.env.CI === 'true' || hasCommands())('with curl and jq', () => {
  it('all-contacts.sh prints all contacts, with no duplicates and none missing', async () => {
    const output = await run('curl/all-contacts.sh')
    const ids = output
      .trim()
      .split('\n')
      .map((line) => line.split('\t')[0])
    expect(ids).toEqual(await gateway.contactIds())
  })

  it('follow-changes.sh loses nothing and repeats nothing when the connection is cut', async () => {
    const child = spawn('bash', ['curl/follow-changes.sh'], {
      env: environment(),
      stdio: ['ignore', 'pipe', 'ignore'],
      // It has a curl that must end with it.
      detached: true,
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      output += part
    })
    const changes = () =>
      output
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
        .filter(({ contactId }) => contactId === AARON).length
    await vi.waitFor(async () => expect(await gateway.openStreams()).toBe(1), soon)
    await gateway.endRelationship(AARON, JONAH)
    await vi.waitFor(() => expect(changes()).toBe(1), soon)
    proxy.cut()
    await gateway.endRelationship(AARON, NAOMI)
    proxy.restore()
    await vi.waitFor(() => expect(changes()).toBe(2), soon)
    if (child.pid !== undefined) process.kill(-child.pid)
  })
})

function run(script: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', [script], { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      output += part
    })
    child.once('close', (code) => (code === 0 ? resolve(output) : reject(new Error(`ended with ${code}`))))
  })
}
