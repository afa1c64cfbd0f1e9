import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createSignIn } from '../../src/sandbox/sign-in.ts'
import { readResults } from '../support/event-stream.ts'
import { type RunningMain, runMain } from '../support/run-main.ts'
import { startRedis } from './redis-server.ts'

export const INTERVAL_MS = 1_000

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: a test knows the shape of what it asked for
  readonly data?: any
  readonly errors?: readonly { readonly extensions: { readonly code: string } }[]
}

interface Counts {
  readonly busiestWindow: number
  readonly count: number
}

/** One gateway in a process of its own. */
export interface Replica {
  readonly main: RunningMain
  readonly url: string
  ask(query: string, variables?: Record<string, unknown>, token?: string): Promise<Answer>
  metric(line: RegExp): Promise<number>
  /** Stays open until `stop` is called. */
  subscribe(after?: string, token?: string): Promise<Stream>
}

export interface Change {
  readonly eventId: string
  readonly contactId: string
}

export interface Stream {
  readonly changes: Change[]
  /** The code with which the stream has ended. */
  readonly error: () => string | undefined
  stop(): void
}

const SERVICE = {
  clever_kind: 'service',
  sub: 'test',
  scope: 'students:read contacts:read',
  clever_district_ids: '*',
}

/** Three gateways over a sandbox, each in a process of its own, with a real Redis between them. */
export async function startGroup() {
  const folder = await mkdtemp(join(tmpdir(), 'replicas-'))
  const [redis, sandbox, signIn] = [
    await startRedis(),
    runMain({ args: ['sandbox'], environment: { SANDBOX_DISTRICTS: '3' } }),
    await createSignIn(),
  ]
  const AUTH_FILE = join(folder, 'issuers.json')
  await writeFile(AUTH_FILE, JSON.stringify({ issuers: [signIn.issuer] }))
  const clever = await sandbox.printed(/CLEVER_API_URL=(\S+)/)
  const tokens = await sandbox.printed(/CLEVER_DISTRICT_TOKENS=(\S+)/)
  const districts = tokens.split(',').map((pair) => pair.split('=')[0] ?? '')
  const service = await signIn.tokenFor(SERVICE)
  const environment = {
    AUTH_FILE,
    CLEVER_API_URL: clever,
    CLEVER_DISTRICT_TOKENS: tokens,
    REDIS_URL: redis.url,
    REPLICAS: '3',
    EVENTS_INTERVAL_MS: String(INTERVAL_MS),
    WARM: 'off',
    DISPLAY_MAX_AGE_MS: '0',
  }

  async function start(): Promise<Replica> {
    const main = runMain({ environment })
    const url = `http://127.0.0.1:${await main.printed(/"port":(\d+)/)}`
    return createReplica(main, url, service)
  }

  const control = async (path: string, body?: object): Promise<unknown> => {
    const response = await fetch(`${clever}/_sandbox${path}`, {
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    })
    expect(response.status).toBe(200)
    return response.json()
  }
  const replicas = await Promise.all([start(), start(), start()])
  return {
    redis,
    replicas,
    districts,
    signIn,
    environment,
    start,
    control,
    /** Runs the command of the operator. Returns its exit code. */
    async revoke(args: readonly string[], stdin = '') {
      const command = ['src/main.ts', 'revoke', ...args]
      const child = spawn(process.execPath, command, {
        env: environment,
        stdio: ['pipe', 'ignore', 'ignore'],
      })
      child.stdin.end(stdin)
      const [code] = await once(child, 'exit')
      return code
    },
    calls: async (pattern: string) =>
      (await control(`/calls/count?pattern=${encodeURIComponent(pattern)}`)) as Counts,
    async [Symbol.asyncDispose]() {
      for (const { main } of replicas) main.child.kill('SIGKILL')
      sandbox.child.kill('SIGKILL')
      await redis[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}

export type Group = Awaited<ReturnType<typeof startGroup>>

function createReplica(main: RunningMain, url: string, service: string): Replica {
  const headersOf = (token: string) => ({
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
  })
  return {
    main,
    url,
    async ask(query, variables = {}, token = service) {
      const body = JSON.stringify({ query, variables })
      const response = await fetch(`${url}/graphql`, { method: 'POST', headers: headersOf(token), body })
      return (await response.json()) as Answer
    },
    async metric(line) {
      const text = await (await fetch(`${url}/metrics`)).text()
      return Number(line.exec(text)?.[1] ?? 0)
    },
    subscribe: (after, token = service) => openStream(url, headersOf(token), after),
  }
}

async function openStream(url: string, headers: Record<string, string>, after?: string): Promise<Stream> {
  const stopped = new AbortController()
  const query = `subscription ($district: ID, $after: ID) {
    contactChanges(districtId: $district, afterEventId: $after) { eventId contactId }
  }`
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { ...headers, accept: 'text/event-stream' },
    body: JSON.stringify({ query, variables: { district: DISTRICT.id, after } }),
    signal: stopped.signal,
  })
  const changes: Change[] = []
  let error: string | undefined
  const follow = async () => {
    for await (const { data, errors } of readResults<Answer>(response.body ?? expect.unreachable())) {
      if (data) changes.push(data.contactChanges)
      error ??= errors?.[0]?.extensions.code
    }
  }
  void follow().catch(() => {})
  return { changes, error: () => error, stop: () => stopped.abort() }
}

/** The district whose changes are followed. */
export const DISTRICT = { id: '' }
