import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { type RunningMain, runMain } from './support/run-main.ts'

const QUERY = '{ contact(id: "63850203bfb8460546071ef6") { displayName relationships { relationship } } }'

const running: ChildProcess[] = []
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

function start(environment: Record<string, string>, ...args: string[]) {
  const main = runMain({ environment, args })
  running.push(main.child)
  return main
}

/** Without what stands beside an answer: what it cost, and how old it is. */
async function ask(port: string, token?: string): Promise<unknown> {
  const response = await fetch(`http://localhost:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query: QUERY }),
  })
  const { extensions: _beside, ...answer } = (await response.json()) as Record<string, unknown>
  return answer
}

/** The reply to the query with which `rover` introspects, without a token. */
async function readService(port: string, secret?: string): Promise<string> {
  const response = await fetch(`http://localhost:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(secret && { 'x-router-secret': secret }) },
    body: JSON.stringify({ query: 'query SubgraphIntrospectQuery { _service { sdl } }' }),
  })
  return response.text()
}

const PEOPLE = ['guardian', 'teacher', 'school staff', 'district admin', 'student', 'service']

const SERVICE_TOKEN = / {2}export TOKEN=(\S+)\n/

const ANSWER = {
  data: {
    contact: {
      displayName: 'Aaron Collins',
      relationships: [
        { relationship: 'AUNT_UNCLE' },
        { relationship: 'AUNT_UNCLE' },
        { relationship: 'PARENT' },
      ],
    },
  },
}

describe('npm start without credentials', () => {
  let main: RunningMain
  beforeAll(() => {
    main = runMain()
  })
  afterAll(() => main[Symbol.asyncDispose]())

  it('runs on the sandbox, and says where GraphiQL is and what to try', async () => {
    const { printed, output } = main
    const port = await printed(/GraphiQL\s+http:\/\/localhost:(\d+)\/graphql/)
    expect(await ask(port, await printed(SERVICE_TOKEN))).toEqual(ANSWER)
    expect(await ask(port)).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
    expect(output()).toContain('runs on the sandbox')
    expect(output()).toMatch(/curl http:\/\/localhost:\d+\/graphql/)
    const page = await fetch(`http://localhost:${port}/graphql`, { headers: { accept: 'text/html' } })
    expect(await page.text()).toContain('AsGuardian')
    expect(await readService(port)).toContain('type Student')
  })

  it('signs tokens in the sandbox that expire when a front end needs them to', async () => {
    const sandbox = await main.printed(/Clever +(\S+)\/_sandbox lists/)
    const sign = (seconds: unknown) =>
      fetch(`${sandbox}/_sandbox/tokens`, { method: 'POST', body: JSON.stringify({ seconds }) })
    const tokens = Object.entries<string>(await (await sign(30)).json())
    expect(tokens.map(([title]) => title)).toEqual(PEOPLE)
    for (const [, token] of tokens) {
      const { iat, exp } = decodeJwt(token)
      expect(Number(exp) - Number(iat)).toBe(30)
    }
    expect((await sign(0)).status).toBe(400)
    expect((await sign('30')).status).toBe(400)
  })
})

describe('npm start with the settings of a router', () => {
  const [ROUTER_SECRET, ROUTER_SECRET_PREVIOUS] = ['0123456789abcdef'.repeat(2), '0123456789ABCDEF'.repeat(2)]
  const actions: string[] = []
  let router: Server
  let callbackUrl: string
  beforeAll(async () => {
    router = createServer(async (request, response) => {
      let text = ''
      for await (const part of request) text += part
      actions.push(JSON.parse(text).action)
      response.writeHead(204).end()
    }).listen(0, '127.0.0.1')
    await once(router, 'listening')
    callbackUrl = `http://127.0.0.1:${(router.address() as AddressInfo).port}/callback`
  })
  afterAll(() => void router.close())
  const startBesideRouter = () =>
    runMain({
      environment: {
        ROUTER_SECRET,
        ROUTER_SECRET_PREVIOUS,
        SUBSCRIPTION_CALLBACK_URLS: callbackUrl,
        SHUTDOWN_GRACE_MS: '60000',
        LOG_LEVEL: 'debug',
      },
    })
  const portOf = ({ printed }: RunningMain) => printed(/GraphiQL\s+http:\/\/localhost:(\d+)\/graphql/)

  async function subscribe(main: RunningMain, headers: Record<string, string>, extensions = {}) {
    return fetch(`http://localhost:${await portOf(main)}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await main.printed(SERVICE_TOKEN)}`,
        ...headers,
      },
      body: JSON.stringify({ query: 'subscription { contactChanges { eventId } }', extensions }),
    })
  }

  it('takes the secret and the previous secret of the router', async () => {
    await using main = startBesideRouter()
    const port = await portOf(main)
    for (const secret of [ROUTER_SECRET, ROUTER_SECRET_PREVIOUS]) {
      expect(await readService(port, secret)).toContain('type Student')
      expect(main.output()).not.toContain(secret)
    }
    expect(await readService(port)).toContain('FORBIDDEN')
    expect(await readService(port, ROUTER_SECRET.replace('0', '1'))).toContain('FORBIDDEN')
  })

  it('stops at SIGTERM after the requests in flight, and ends all subscriptions, so that they go on elsewhere', async () => {
    await using main = startBesideRouter()
    const clever = await main.printed(/Clever\s+(http\S+)/)
    const stream = await subscribe(main, { accept: 'text/event-stream' })
    const opened = await subscribe(
      main,
      { accept: 'application/json;callbackSpec=1.0', 'x-router-secret': ROUTER_SECRET },
      { subscription: { callbackUrl: `${callbackUrl}/1`, subscriptionId: '1', verifier: 'v' } },
    )
    expect(await opened.json()).toEqual({ data: null })
    await fetch(`${clever}/faults`, {
      method: 'POST',
      body: JSON.stringify({ pattern: '/users/', delayMs: 300 }),
    })
    const answer = ask(await portOf(main), await main.printed(SERVICE_TOKEN))
    await vi.waitFor(async () => expect(await (await fetch(`${clever}/calls`)).text()).toContain('/users/'), {
      interval: 5,
    })
    main.child.kill('SIGTERM')
    expect(await answer).toEqual(ANSWER)
    expect(await stream.text()).toMatch(/event: complete\s+data:\s+$/)
    expect(await main.ended).toBe(0)
    expect(actions).toEqual(['check', 'complete'])
  })
})

describe('npm start', () => {
  it('speaks to another Clever, here a sandbox in a process of its own, and stays without GraphiQL', async () => {
    const sandbox = start({}, 'sandbox')
    const settings = await sandbox.printed(/(CLEVER_API_URL=\S+ CLEVER_DISTRICT_TOKENS=\S+) npm start/)
    const environment = Object.fromEntries(
      settings.split(' ').map((pair) => {
        const at = pair.indexOf('=')
        return [pair.slice(0, at), pair.slice(at + 1)]
      }),
    )
    const gateway = start({ ...environment, AUTHENTICATION: 'everybody-may-read-everything' })
    const port = await gateway.printed(/"port":(\d+)/)
    expect(await ask(port)).toEqual(ANSWER)
    const page = await fetch(`http://localhost:${port}/graphql`, { headers: { accept: 'text/html' } })
    expect(page.ok).toBe(false)
  })

  it('names all wrong settings and ends with 1', async () => {
    const { ended, output } = start({ PORT: 'x', CLEVER_TOKEN: 'secret', HOST: '0.0.0.0', LOG_LEVEL: 'loud' })
    expect(await ended).toBe(1)
    expect(output()).toMatch(/PORT must be .*\n.*LOG_LEVEL must be/)
    expect(output()).not.toContain('secret')
  })

  it('says which setting to change when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    const { ended, output } = start({ PORT: String((other.address() as AddressInfo).port) })
    expect(await ended).toBe(1)
    expect(output()).toContain('Cannot listen (EADDRINUSE): set HOST or PORT to something else.')
    other.close()
  })

  it('does not start with a file of access that is not what its author wrote, and says where and what', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'main-'))
    const path = join(folder, 'overrides.json')
    await writeFile(path, '{"overrides": [{"effect": "GRANT"}],\n "overrides": []}')
    const { ended, output } = start({ OVERRIDES_FILE: path })
    expect(await ended).toBe(1)
    expect(output().trim()).toBe(
      'OVERRIDES_FILE: overrides: this key is given twice in one object: keep one (line 2, column 2)',
    )
    await rm(folder, { recursive: true })
  })

  it('runs the documents of a manifest, and with these only has no GraphiQL', async () => {
    await using folder = await folderWith('{"named": "{ __typename }"}')
    const TRUSTED_DOCUMENTS = folder.path
    const { printed, output } = start({ TRUSTED_DOCUMENTS, TRUSTED_DOCUMENTS_ONLY: 'true' })
    const port = await printed(/http:\/\/localhost:(\d+)\/graphql/)
    const token = await printed(SERVICE_TOKEN)
    expect(await ask(port, token)).toMatchObject({
      errors: [{ extensions: { code: 'DOCUMENT_NOT_TRUSTED' } }],
    })
    const url = `http://localhost:${port}/graphql?documentId=named`
    expect(output()).not.toMatch(/GraphiQL +http|curl/)
    const named = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
    expect(await named.json()).toMatchObject({ data: { __typename: 'Query' } })
    expect((await fetch(url, { headers: { accept: 'text/html' } })).status).toBe(406)
  })

  it.each([
    [
      'does not fit the schema',
      '{"named": "{ salary }"}',
      'named: Cannot query field "salary" on type "Query".',
    ],
    ['is no text', '{"named": 5}', '*: Invalid input: expected string, received number'],
  ])('does not start with a document that %s', async (_what, content, problem) => {
    await using folder = await folderWith(content)
    const { ended, output } = start({ TRUSTED_DOCUMENTS: folder.path })
    expect(await ended).toBe(1)
    expect(output()).toContain(`TRUSTED_DOCUMENTS: ${problem}`)
  })
})

async function folderWith(content: string) {
  const folder = await mkdtemp(join(tmpdir(), 'main-'))
  const path = join(folder, 'documents.json')
  await writeFile(path, content)
  return { path, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

describe('npm run doctor', () => {
  it('examines the sandbox without credentials, and ends with 0 though there are warnings', async () => {
    const { ended, output } = start({}, 'doctor')
    expect(await ended).toBe(0)
    expect(output()).toMatch(/District [0-9a-f]{24}\nok +token.*warn +contacts.*It works/s)
  })

  it('refuses what it does not know, so that a slip of the pen does not pass for --strict', async () => {
    const { ended, output } = start({}, 'doctor', '--stric')
    expect(await ended).toBe(1)
    expect(output()).toContain('Only `--strict` may follow `doctor`.')
  })

  it('ends with 1 for warnings too after --strict', async () => {
    expect(await start({}, 'doctor', '--strict').ended).toBe(1)
  })

  it('needs nothing but a token of a real district, and ends with 1 where Clever cannot be reached', async () => {
    const { ended, output } = start(
      { CLEVER_TOKEN: 'secret', CLEVER_API_URL: 'http://127.0.0.1:9' },
      'doctor',
    )
    expect(await ended).toBe(1)
    expect(output()).toContain('UPSTREAM_UNAVAILABLE')
    expect(output()).not.toContain('secret')
  })
})
