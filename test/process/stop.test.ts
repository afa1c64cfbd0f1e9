import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { runMain } from '../support/run-main.ts'

const WAIT = { timeout: 30_000, interval: 10 }
const SLOW = { timeout: 120_000 }
const QUERY = '{ contacts(first: 1) { nodes { id } } }'

let sandbox: Sandbox
beforeAll(async () => {
  sandbox = await startSandbox()
})
afterAll(() => sandbox.close())

async function start(settings: Record<string, string>) {
  const main = runMain({
    environment: {
      CLEVER_API_URL: sandbox.url,
      CLEVER_DISTRICT_TOKENS: sandbox.districts.map(({ id, token }) => `${id}=${token}`).join(),
      AUTHENTICATION: 'everybody-may-read-everything',
      ...settings,
    },
  })
  const url = `http://127.0.0.1:${await main.printed(/"port":(\d+)/)}`
  await vi.waitFor(async () => expect((await fetch(`${url}/ready`)).status).toBe(200), WAIT)
  const ask = (query: string, accept = 'application/json') =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept },
      body: JSON.stringify({ query }),
    })
  return { ...main, url, ask, [Symbol.asyncDispose]: main[Symbol.asyncDispose] }
}

describe.concurrent('SIGTERM', SLOW, () => {
  it('lets requests in for SHUTDOWN_DRAIN_MS, says so to balancers and clients, ends subscriptions with a reason, and then stops', async () => {
    await using gateway = await start({ SHUTDOWN_DRAIN_MS: '1500', SHUTDOWN_GRACE_MS: '30000' })
    expect((await gateway.ask(QUERY)).headers.get('connection')).toBe('keep-alive')
    const stream = await gateway.ask('subscription { contactChanges { eventId } }', 'text/event-stream')
    const ended = stream.text().then((text) => ({ text, at: performance.now() }))
    const startedAt = performance.now()
    gateway.child.kill('SIGTERM')
    await vi.waitFor(async () => expect((await fetch(`${gateway.url}/ready`)).status).toBe(503), WAIT)
    const ready = await fetch(`${gateway.url}/ready`)
    expect(await ready.json()).toMatchObject({ status: 'not ready', reasons: [{ reason: 'draining' }] })
    expect((await fetch(`${gateway.url}/health`)).status).toBe(200)
    const answer = await gateway.ask(QUERY)
    expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close'])
    expect(await answer.json()).toMatchObject({ data: { contacts: { nodes: [{}] } } })
    const { text, at } = await ended
    expect(text).toMatch(/event: next\ndata: .*"code":"SHUTTING_DOWN".*\n\nevent: complete\s+data:\s+$/)
    expect(at - startedAt).toBeGreaterThan(1_490)
    expect(await gateway.ended).toBe(0)
    await expect(gateway.ask(QUERY)).rejects.toThrow()
  })

  it('a second time ends the process in the middle of the drain', async () => {
    await using gateway = await start({ SHUTDOWN_DRAIN_MS: '60000', SHUTDOWN_GRACE_MS: '70000' })
    gateway.child.kill('SIGTERM')
    await vi.waitFor(() => expect(gateway.output()).toContain('shutting down'), WAIT)
    // Two in quick sequence are one.
    await delay(700)
    gateway.child.kill('SIGTERM')
    expect(await gateway.ended).toBe(1)
  })
})

describe.concurrent('the process', SLOW, () => {
  it('does not run on the sandbox in production unless it is told to', async () => {
    await using refused = runMain({ environment: { NODE_ENV: 'production' } })
    expect(await refused.ended).toBe(1)
    expect(refused.output()).toContain('For the sandbox, with invented people, set SANDBOX=true')
    await using doctor = runMain({ environment: { NODE_ENV: 'production' }, args: ['doctor'] })
    expect(await doctor.ended).toBe(1)
    await using accepted = runMain({ environment: { NODE_ENV: 'production', SANDBOX: 'true' } })
    expect(await accepted.printed(/(runs on the sandbox)/)).not.toBe('')
  })

  it('listens on IPv6 and on IPv4 with HOST=::, and as npm start runs it, opens no debugger at SIGUSR1', async () => {
    await using gateway = runMain({ nodeArgs: ['--disable-sigusr1'], environment: { HOST: '::' } })
    const port = await gateway.printed(/"port":(\d+)/)
    const healthAt = async (host: string) => (await fetch(`http://${host}:${port}/health`)).status
    for (const host of ['127.0.0.1', '[::1]', '[::ffff:127.0.0.1]']) expect(await healthAt(host)).toBe(200)
    gateway.child.kill('SIGUSR1')
    // With the debugger, Node would say so before it answers again.
    for (let time = 0; time < 5; time += 1) expect(await healthAt('127.0.0.1')).toBe(200)
    expect(gateway.output()).not.toContain('Debugger listening')
  })
})
