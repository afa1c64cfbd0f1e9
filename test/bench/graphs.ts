import { request } from 'undici'
import { type Child, freePort, startChild } from './child.ts'
import type { BenchClever } from './clever.ts'

export type Settings = Readonly<Record<string, string>>

/** A GraphQL document and its variables. */
export interface Question {
  readonly query: string
  readonly variables: Readonly<Record<string, unknown>>
}

/** The gateway as a service sees it that may read everything. */
export async function startGateway(clever: BenchClever, settings: Settings): Promise<Child> {
  const port = await freePort()
  const { id, token } = clever.district
  return startChild({
    script: 'src/main.ts',
    settings: {
      CLEVER_API_URL: clever.url,
      CLEVER_DISTRICT_TOKENS: `${id}=${token}`,
      AUTHENTICATION: 'everybody-may-read-everything',
      AUDIT: 'off',
      LOG_LEVEL: 'warn',
      PORT: String(port),
      ...settings,
    },
    port,
    isHeard: true,
    readyPath: '/health',
  })
}

export async function startTextbook(clever: BenchClever): Promise<Child> {
  const port = await freePort()
  return startChild({
    script: 'test/bench/textbook.ts',
    settings: {
      CLEVER_API_URL: clever.url,
      CLEVER_TOKEN: clever.district.token,
      PORT: String(port),
    },
    port,
    isHeard: true,
    readyPath: '/health',
  })
}

/** The data of an answer without errors; throws for any other. */
export async function ask<Data>({ url }: Child, { query, variables }: Question): Promise<Data> {
  const { statusCode, body } = await request(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  const text = await body.text()
  const { data, errors } = JSON.parse(text) as { data?: Data; errors?: readonly unknown[] }
  if (statusCode === 200 && data !== undefined && errors === undefined) return data
  throw new Error(`${statusCode}, ${errors?.length ?? 0} errors: ${JSON.stringify(errors?.[0])}`)
}
