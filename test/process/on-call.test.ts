import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, vi } from 'vitest'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { eventually } from '../support/eventually.ts'
import { openFolder } from '../support/folder.ts'
import { runMain } from '../support/run-main.ts'
import { diagnose, type Failure, warningsOf } from './diagnosis.ts'

const AARON = '63850203bfb8460546071ef6'
const QUERY = `query ContactPage { contact(id: "${AARON}") { displayName relationships { student { displayName } } } }`
const LIST = 'query ContactsPage { contacts(first: 3) { nodes { id } } }'
/** Each request reads from Clever. */
const UNCACHED = {
  DISPLAY_MAX_AGE_MS: '0',
  RELATIONSHIP_MAX_AGE_MS: '0',
  WARM: 'off',
  REQUEST_TIMEOUT_MS: '3000',
}
const WAIT = { timeout: 30_000, interval: 50 }

/** A gateway in a process of its own, as it runs in production, over a sandbox. */
async function start(environment: Record<string, string> = UNCACHED) {
  const sandbox = await startSandbox()
  const district = sandbox.districts[0] ?? expect.unreachable()
  const open = environment.AUTH_FILE === undefined ? { AUTHENTICATION: 'everybody-may-read-everything' } : {}
  const main = runMain({
    environment: {
      CLEVER_API_URL: sandbox.url,
      CLEVER_DISTRICT_TOKENS: `${district.id}=${district.token}`,
      ...open,
      ...environment,
    },
  })
  const port = await main.printed(/"port":(\d+),"msg":"listening"/)
  return {
    sandbox,
    main,
    port,
    district,
    async ask(headers: Record<string, string> = {}, query = QUERY): Promise<readonly string[]> {
      const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query }),
      })
      const { errors = [] } = (await response.json()) as { errors?: { extensions: { code: string } }[] }
      return [...new Set(errors.map(({ extensions }) => extensions.code))]
    },
    async [Symbol.asyncDispose]() {
      await main[Symbol.asyncDispose]()
      await sandbox.close()
    },
  }
}

type World = Awaited<ReturnType<typeof start>>

/** On a busy machine the event loop may be late in any of these tests. */
const withoutLag = (names: readonly Failure[]) => names.filter((name) => name !== 'Blocked event loop')

/** The metrics and the log show this failure and no other, and the log says what to do. */
async function expectOnly({ main, port }: World, failure: Failure, others: readonly Failure[] = []) {
  await vi.waitFor(async () => {
    const { byMetrics, byLog } = await diagnose(main, port)
    expect(byMetrics).toContain(failure)
    expect(byLog).toContain(failure)
  }, WAIT)
  const { byMetrics, byLog } = await diagnose(main, port)
  for (const names of [byMetrics, byLog])
    expect(withoutLag(names).filter((name) => !others.includes(name))).toEqual(withoutLag([failure]))
  const words = new Set(warningsOf(main).map(({ msg }) => msg))
  for (const msg of words) expect(msg.length).toBeGreaterThan(60)
  // Each warning is logged once, however many requests fail.
  expect(warningsOf(main).length).toBe(words.size)
}

/** The last line of a request, without what differs from run to run. */
function lastRequest({ main }: World) {
  const lines = main
    .output()
    .split('\n')
    .filter((line) => line.includes('"msg":"request"'))
  const { outcome, codes } = JSON.parse(lines.at(-1) ?? '{}')
  return { outcome, codes }
}

describe.concurrent('from the metrics and the log alone, an engineer on call can tell', {
  timeout: 90_000,
}, () => {
  it('a gateway that has no failure', async () => {
    await using world = await start()
    expect(await world.ask()).toEqual([])
    const { byMetrics, byLog } = await diagnose(world.main, world.port)
    expect([withoutLag(byMetrics), withoutLag(byLog)]).toEqual([[], []])
  })

  it('a Clever that is down', async () => {
    await using world = await start()
    expect(await world.ask()).toEqual([])
    await world.sandbox.close()
    // Old data may be shown, and there are none for a list that was never read.
    for (const _ of [1, 2]) expect(await world.ask({}, LIST)).toEqual(['UPSTREAM_UNAVAILABLE'])
    await expectOnly(world, 'Clever down')
    await eventually(() =>
      expect(lastRequest(world)).toEqual({ outcome: 'partial', codes: ['UPSTREAM_UNAVAILABLE'] }),
    )
  })

  it('a token whose calls another program has used up', async () => {
    await using world = await start()
    const headers = { authorization: `Bearer ${world.district.token}` }
    for (let sent = 0; sent < 1_200; sent += 50)
      await Promise.all(
        Array.from({ length: 50 }, async () =>
          (await fetch(`${world.sandbox.url}/v3.1/users?limit=1`, { headers })).arrayBuffer(),
        ),
      )
    for (const _ of [1, 2]) expect(await world.ask()).toEqual(['UPSTREAM_RATE_LIMITED'])
    await expectOnly(world, 'Calls used up')
  })

  it('a token that Clever refuses', async () => {
    await using world = await start()
    expect(await world.ask()).toEqual([])
    world.district.rotateToken()
    for (const _ of [1, 2]) expect(await world.ask()).toEqual(['UPSTREAM_UNAUTHORIZED'])
    await expectOnly(world, 'Token refused by Clever')
  })

  it('an issuer whose keys cannot be read', async () => {
    const issuer = {
      issuer: 'https://issuer.example',
      audience: 'contacts',
      jwks: 'https://127.0.0.1:9/keys',
      claims: {},
    }
    await using folder = await openFolder()
    const AUTH_FILE = folder.in('issuers.json')
    await writeFile(AUTH_FILE, JSON.stringify({ issuers: [issuer] }))
    await using world = await start({ ...UNCACHED, AUTH_FILE })
    const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url')
    const token = `${part({ alg: 'ES256' })}.${part({ iss: 'https://issuer.example' })}.${part({})}`
    for (const _ of [1, 2])
      expect(await world.ask({ authorization: `Bearer ${token}` })).toEqual(['AUTHENTICATION_UNAVAILABLE'])
    await expectOnly(world, 'Keys of an issuer missing')
  })

  it('an audit whose disk is full', async () => {
    await using world = await start({ ...UNCACHED, AUDIT: '/dev/full' })
    for (const _ of [1, 2]) expect(await world.ask()).toEqual(['AUDIT_UNAVAILABLE'])
    await expectOnly(world, 'Audit not written')
    await eventually(() =>
      expect(lastRequest(world)).toEqual({ outcome: 'error', codes: ['AUDIT_UNAVAILABLE'] }),
    )
  })

  it('a file of overrides that is broken', async () => {
    await using folder = await openFolder()
    const OVERRIDES_FILE = folder.in('overrides.json')
    await writeFile(OVERRIDES_FILE, '{"overrides": []}')
    await using world = await start({ ...UNCACHED, OVERRIDES_FILE })
    expect(await world.ask()).toEqual([])
    await writeFile(OVERRIDES_FILE, '{"overrides": [')
    await expectOnly(world, 'Overrides file broken')
    expect(await world.ask()).toEqual([])
  })

  const FED = { WARM: 'eager', EVENTS_INTERVAL_MS: '1000' }
  const polled = (world: World) =>
    vi.waitFor(async () => {
      const text = await (await fetch(`http://127.0.0.1:${world.port}/metrics`)).text()
      expect(text).toMatch(/^directory_feed_polled_timestamp_seconds\{district="\w+"\} \d/m)
    }, WAIT)

  it('a district whose events are off', async () => {
    await using world = await start(FED)
    await polled(world)
    world.district.setEvents('off')
    await expectOnly(world, 'Events off')
    expect(await world.ask()).toEqual([])
  })

  it('events that are late, because Clever does not give them', async () => {
    await using world = await start(FED)
    await polled(world)
    world.sandbox.faults.add({ path: /\/events/, status: 503 })
    // To the poller Clever is down, and only the metrics show that all other routes are well.
    await expectOnly(world, 'Events late', ['Clever down'])
    expect((await diagnose(world.main, world.port)).byMetrics).not.toContain('Clever down')
  })

  it('more requests than it may answer at once', async () => {
    await using world = await start({ ...UNCACHED, MAX_REQUESTS_IN_FLIGHT: '1', REQUEST_TIMEOUT_MS: '20000' })
    world.sandbox.faults.add({ path: /\/users/, delayMs: 1_000 })
    const slow = world.ask()
    await vi.waitFor(async () => expect(await world.ask()).toEqual(['OVERLOADED']), WAIT)
    expect(await world.ask()).toEqual(['OVERLOADED'])
    await slow
    await expectOnly(world, 'Overload')
    expect(lastRequest(world).outcome).toMatch(/ok|refused/)
  })

  it('an event loop that was blocked', async () => {
    await using world = await start()
    expect(await world.ask()).toEqual([])
    // The process gets no processor, as if one piece of work had it.
    world.main.child.kill('SIGSTOP')
    await delay(1_500)
    world.main.child.kill('SIGCONT')
    await vi.waitFor(() => expect(world.main.output()).toContain('"reason":"EVENT_LOOP_BLOCKED"'), WAIT)
    const { byMetrics, byLog } = await diagnose(world.main, world.port)
    expect([byMetrics, byLog]).toEqual([['Blocked event loop'], ['Blocked event loop']])
  })
})

describe('docs/runbook.md', () => {
  it('has the failures of this test in its table', async () => {
    const { readFile } = await import('node:fs/promises')
    const page = await readFile(new URL('../../docs/runbook.md', import.meta.url), 'utf8')
    for (const name of [
      'Clever down',
      'Calls used up',
      'Token refused by Clever',
      'Keys of an issuer missing',
    ])
      expect(page).toContain(`[${name}]`)
    for (const name of [
      'Audit not written',
      'Overrides file broken',
      'Events off',
      'Overload',
      'a blocked event loop',
    ])
      expect(page).toContain(`[${name}]`)
  })
})
