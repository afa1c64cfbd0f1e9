import type { createSignIn } from '../../src/sandbox/sign-in.ts'
import { START_ARGS } from '../support/start-args.ts'
import { type Child, freePort, PROCESSORS, startChild } from './child.ts'
import type { BenchClever } from './clever.ts'
import { untilLoaded } from './graphs.ts'

/** Who sends a request, as the claims of a token. */
export type Claims = Readonly<Record<string, unknown>>

export type ServerName = 'gateway' | 'textbook' | 'bare'

export interface Server extends Child {
  readonly name: ServerName
  /** The headers of a request. Only the gateway distinguishes viewers. */
  headersOf(viewer: Claims): Promise<Readonly<Record<string, string>>>
}

const HEADERS = { 'content-type': 'application/json', accept: 'application/json' }

export type SignIn = Awaited<ReturnType<typeof createSignIn>>

export interface GatewayPlan {
  readonly clever: BenchClever
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
    nodeArgs: [...START_ARGS, ...nodeArgs],
    script: 'src/main.ts',
    settings: {
      CLEVER_API_URL: clever.url,
      CLEVER_DISTRICT_TOKENS: `${clever.districtId}=${clever.token()}`,
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
    processor: PROCESSORS.server,
  })
  const tokens = new Map<string, Promise<string>>()
  function tokenFor(viewer: Claims): Promise<string> {
    const key = JSON.stringify(viewer)
    const token = tokens.get(key) ?? signIn.tokenFor(viewer)
    tokens.set(key, token)
    return token
  }
  await untilLoaded(child)
  return {
    ...child,
    name: 'gateway',
    headersOf: async (viewer) => ({ ...HEADERS, authorization: `Bearer ${await tokenFor(viewer)}` }),
  }
}

/** The textbook gateway, or the bare server. */
export async function startOther(name: 'textbook' | 'bare', clever: BenchClever): Promise<Server> {
  const port = await freePort()
  const child = await startChild({
    script: `test/bench/${name}.ts`,
    settings: { CLEVER_API_URL: clever.url, CLEVER_TOKEN: clever.token(), PORT: String(port) },
    port,
    isHeard: true,
    readyPath: '/health',
    processor: PROCESSORS.server,
  })
  const headers = name === 'bare' ? HEADERS : { ...HEADERS, authorization: `Bearer ${clever.token()}` }
  return { ...child, name, headersOf: async () => headers }
}
