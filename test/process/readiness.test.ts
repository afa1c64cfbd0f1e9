import { rename, writeFile } from 'node:fs/promises'
import { describe, expect, it, vi } from 'vitest'
import type { Fault } from '../../src/sandbox/faults.ts'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { openFolder } from '../support/folder.ts'
import { runMain } from '../support/run-main.ts'

const WAIT = { timeout: 30_000, interval: 20 }
const SLOW = { timeout: 60_000 }

const EVERYBODY = { AUTHENTICATION: 'everybody-may-read-everything' }

/** A gateway of a real district, in a process of its own. The fault is there from the start. */
async function start(settings: Record<string, string>, fault?: Fault) {
  const sandbox = await startSandbox()
  if (fault !== undefined) sandbox.faults.add(fault)
  const main = runMain({
    environment: {
      CLEVER_API_URL: sandbox.url,
      CLEVER_DISTRICT_TOKENS: sandbox.districts.map(({ id, token }) => `${id}=${token}`).join(),
      ...settings,
    },
  })
  const port = await main.printed(/"port":(\d+)/)
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`)
    return { status: response.status, headers: response.headers, json: await response.json() }
  }
  const ask = (query: string) =>
    fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
  const reasons = async () => {
    const { status, json } = await get('/ready')
    return [status, ...(json.reasons ?? []).map(({ reason }: { reason: string }) => reason)]
  }
  const becomes = (...expected: (number | string)[]) =>
    vi.waitFor(async () => expect(await reasons()).toEqual(expected), WAIT)
  return {
    ...main,
    sandbox,
    get,
    ask,
    becomes,
    async [Symbol.asyncDispose]() {
      await main[Symbol.asyncDispose]()
      await sandbox.close()
    },
  }
}

describe.concurrent('/ready', SLOW, () => {
  it('waits for the first good answer of Clever, without a request', async () => {
    await using gateway = await start(EVERYBODY, { path: /./, status: 503 })
    const { faults } = gateway.sandbox
    await gateway.becomes(503, 'clever_failing')
    expect((await gateway.get('/health')).status).toBe(200)
    faults.clear()
    await gateway.becomes(200)
    // An outage that begins later takes no process out of service: each shows what it knows.
    faults.add({ path: /./, status: 503 })
    await gateway.ask('{ students(first: 1) { nodes { id } } }')
    await gateway.becomes(200)
    expect(gateway.output()).toMatch(/"level":"warn".*"reason":"clever_failing".*"msg":"not ready"/)
  })

  it('waits for the first keys of an issuer', async () => {
    await using folder = await openFolder()
    const path = folder.in('issuers.json')
    const issuer = { issuer: 'https://id.test', audience: 'a', jwks: 'https://127.0.0.1:9/jwks', claims: {} }
    await writeFile(path, JSON.stringify({ issuers: [issuer] }))
    await using gateway = await start({ AUTH_FILE: path })
    await gateway.becomes(503, 'no_issuer_keys')
  })

  it('is 503 while the audit cannot be written, and recovers without a request', async () => {
    await using folder = await openFolder()
    const { path } = folder
    await using gateway = await start({ ...EVERYBODY, AUDIT: folder.in('audit.log') })
    await gateway.becomes(200)
    await rename(path, `${path}.gone`)
    const answer = await gateway.ask('{ students(first: 1) { nodes { id } } }')
    expect(await answer.text()).toContain('AUDIT_UNAVAILABLE')
    await gateway.becomes(503, 'audit_unwritable')
    await rename(`${path}.gone`, path)
    await gateway.becomes(200)
  })

  it('is 503 while the overrides on disk are refused, unless they are not required', async () => {
    await using folder = await openFolder()
    const path = folder.in('overrides.json')
    await writeFile(path, '{"overrides":[]}')
    await using strict = await start({ ...EVERYBODY, OVERRIDES_FILE: path })
    await using lenient = await start({ ...EVERYBODY, OVERRIDES_FILE: path, OVERRIDES_REQUIRED: 'false' })
    await strict.becomes(200)
    await writeFile(path, 'spoilt')
    await strict.becomes(503, 'overrides_refused')
    await vi.waitFor(
      async () => expect((await lenient.get('/ready')).json).toMatchObject({ overrides: 'last good' }),
      WAIT,
    )
    await lenient.becomes(200)
    await writeFile(path, '{"overrides":[]}')
    await strict.becomes(200)
  })

  it('and /health answer before the requests that came first, however many there are', async () => {
    await using gateway = await start({ ...EVERYBODY, WARM: 'eager' })
    await gateway.becomes(200)
    const students =
      'relationships { student { relationships { contact { relationships { student { id } } } } } }'
    const costly = `{ contacts(first: 24) { nodes { id displayName ${students} } } }`
    // In memory, compiled, and so answered without a pause.
    for (let time = 0; time < 3; time += 1) expect((await gateway.ask(costly)).status).toBe(200)
    let answered = 0
    const all = Array.from({ length: 240 }, async () => {
      const { status } = await gateway.ask(costly)
      answered += 1
      return status
    })
    await vi.waitFor(() => expect(answered).toBeGreaterThan(0), WAIT)
    await gateway.get('/health')
    await gateway.get('/ready')
    expect(answered).toBeLessThan(200)
    expect(new Set(await Promise.all(all))).toEqual(new Set([200]))
  })

  it('and /health answer while every place for a request is taken', async () => {
    await using gateway = await start({
      ...EVERYBODY,
      MAX_REQUESTS_IN_FLIGHT: '2',
      REQUEST_TIMEOUT_MS: '60000',
    })
    await gateway.becomes(200)
    const lift = gateway.sandbox.faults.add({ path: /users/, delayMs: 60_000 })
    const waiting = Array.from({ length: 40 }, () => gateway.ask('{ students(first: 1) { nodes { id } } }'))
    const refused = await Promise.race(waiting)
    expect(refused.status).toBe(503)
    for (const path of ['/health', '/ready']) expect((await gateway.get(path)).status).toBe(200)
    lift()
    for (const answer of waiting) answer.catch(() => {})
  })
})
