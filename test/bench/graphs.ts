import { setTimeout as wait } from 'node:timers/promises'
import { request } from 'undici'
import { START_ARGS } from '../support/start-args.ts'
import { type Child, freePort, PROCESSORS, startChild } from './child.ts'
import type { BenchClever } from './clever.ts'

export type Settings = Readonly<Record<string, string>>

/** A GraphQL document and its variables. */
export interface Question {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

/** A GraphQL server as a process of its own. */
export interface Graph extends Child {
  /** What a request to it carries. */
  headers(): Readonly<Record<string, string>>
}

export interface GatewayOptions {
  /** The districts beside the first. */
  readonly others?: BenchClever['others']
  /** Options of Node. */
  readonly nodeArgs?: readonly string[]
}

/** The gateway as a service sees it that may read everything. */
export async function startGateway(
  clever: BenchClever,
  settings: Settings,
  { others = [], nodeArgs = [] }: GatewayOptions = {},
): Promise<Graph> {
  const port = await freePort()
  const child = await startChild({
    nodeArgs: [...START_ARGS, ...nodeArgs],
    script: 'src/main.ts',
    settings: {
      CLEVER_API_URL: clever.url,
      CLEVER_DISTRICT_TOKENS: [{ id: clever.districtId, token: clever.token() }, ...others]
        .map(({ id, token }) => `${id}=${token}`)
        .join(','),
      AUTHENTICATION: 'everybody-may-read-everything',
      AUDIT: 'off',
      LOG_LEVEL: 'warn',
      PORT: String(port),
      ...settings,
    },
    port,
    isHeard: true,
    readyPath: '/health',
    processor: PROCESSORS.server,
  })
  return { ...child, headers: () => ({}) }
}

export async function startTextbook(clever: BenchClever): Promise<Graph> {
  const port = await freePort()
  const child = await startChild({
    script: 'test/bench/textbook.ts',
    settings: { CLEVER_API_URL: clever.url, PORT: String(port) },
    port,
    isHeard: true,
    readyPath: '/health',
    processor: PROCESSORS.server,
  })
  return { ...child, headers: () => ({ authorization: `Bearer ${clever.token()}` }) }
}

/** The data of an answer without errors; throws for any other. */
export async function ask<Data>({ url, headers }: Graph, { query, variables }: Question): Promise<Data> {
  const { statusCode, body } = await request(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json', ...headers() },
    body: JSON.stringify({ query, variables }),
  })
  const text = await body.text()
  const { data, errors } = JSON.parse(text) as { data?: Data; errors?: readonly unknown[] }
  if (statusCode === 200 && data !== undefined && errors === undefined) return data
  throw new Error(`${statusCode}, ${errors?.length ?? 0} errors: ${JSON.stringify(errors?.[0])}`)
}

const MAX_LOADING_MS = 180_000
/** The metrics cost the gateway some milliseconds. */
const BETWEEN_LOOKS_MS = 200

/** Looks as often as `untilLoaded` does, until it is aborted. */
export async function readMetricsUntil({ url }: Child, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    await (await fetch(`${url}/metrics`)).text()
    await wait(BETWEEN_LOOKS_MS)
  }
}

/** Until a gateway knows both roles of a district, or of its only one. The metric of a role is there as soon as all of the role is known. */
export async function untilLoaded({ url }: Child, districtId = ''): Promise<void> {
  const startedAt = performance.now()
  const lines = ['student', 'contact'].map(
    (role) => new RegExp(`directory_oldest_seconds\\{district="[^"]*${districtId}",role="${role}"`),
  )
  for (;;) {
    const metrics = await (await fetch(`${url}/metrics`)).text()
    if (lines.every((line) => line.test(metrics))) return
    if (performance.now() - startedAt > MAX_LOADING_MS)
      throw new Error('the gateway does not load the district')
    await wait(BETWEEN_LOOKS_MS)
  }
}
