import { setTimeout as wait } from 'node:timers/promises'
import type { createSignIn } from '../../src/sandbox/sign-in.ts'
import { type Child, freePort, startChild } from './child.ts'
import type { FastClever } from './fast-clever.ts'

/** Who sends a request, as the claims of a token. */
export type Claims = Readonly<Record<string, unknown>>

export type ServerName = 'gateway' | 'textbook' | 'bare'

export interface Server extends Child {
  readonly name: ServerName
  /** The headers of a request. Only the gateway distinguishes viewers. */
  headersOf(viewer: Claims): Promise<Readonly<Record<string, string>>>
}

const HEADERS = { 'content-type': 'application/json', accept: 'application/json' }
/** ms */
const MAX_READING_MS = 60_000

export type SignIn = Awaited<ReturnType<typeof createSignIn>>

export interface GatewayPlan {
  readonly clever: FastClever
  readonly signIn: SignIn
  /** Where its AUTH_FILE lies and its audit goes. */
  readonly authFile: string
  readonly auditFile: string
  readonly nodeArgs?: readonly string[]
  readonly settings?: Readonly<Record<string, string>>
}

/** With token, decisions, audit and log, as in production; resolves when it has read the district. */
export async function startWarmGateway(plan: GatewayPlan): Promise<Server> {
  const { clever, signIn, authFile, auditFile, nodeArgs = [], settings } = plan
  const port = await freePort()
  const child = await startChild({
    nodeArgs,
    script: 'src/main.ts',
    settings: {
      CLEVER_API_URL: clever.url,
      CLEVER_DISTRICT_TOKENS: `${clever.districtId}=${clever.token}`,
      WARM: 'eager',
      AUTH_FILE: authFile,
      AUDIT: auditFile,
      LOG_LEVEL: 'info',
      PORT: String(port),
      ...settings,
    },
    port,
    isHeard: false,
    readyPath: '/ready',
  })
  const tokens = new Map<string, Promise<string>>()
  function tokenFor(viewer: Claims): Promise<string> {
    const key = JSON.stringify(viewer)
    const token = tokens.get(key) ?? signIn.tokenFor(viewer)
    tokens.set(key, token)
    return token
  }
  await untilRead(child)
  return {
    ...child,
    name: 'gateway',
    headersOf: async (viewer) => ({ ...HEADERS, authorization: `Bearer ${await tokenFor(viewer)}` }),
  }
}

/** The metric of a role is there as soon as all of the role is known. */
async function untilRead({ url }: Child) {
  const startedAt = performance.now()
  for (;;) {
    const metrics = await (await fetch(`${url}/metrics`)).text()
    if (
      ['student', 'contact'].every((role) =>
        new RegExp(`directory_oldest_seconds\\{.*role="${role}"`).test(metrics),
      )
    )
      return
    if (performance.now() - startedAt > MAX_READING_MS)
      throw new Error('the gateway does not read the district')
    await wait(50)
  }
}

/** The textbook gateway, or the bare server. */
export async function startOther(name: 'textbook' | 'bare', clever: FastClever): Promise<Server> {
  const port = await freePort()
  const child = await startChild({
    script: `test/bench/${name}.ts`,
    settings: { CLEVER_API_URL: clever.url, CLEVER_TOKEN: clever.token, PORT: String(port) },
    port,
    isHeard: true,
    readyPath: '/health',
  })
  const headers = name === 'bare' ? HEADERS : { ...HEADERS, authorization: `Bearer ${clever.token}` }
  return { ...child, name, headersOf: async () => headers }
}
