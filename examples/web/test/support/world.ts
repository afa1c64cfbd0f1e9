import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { preview } from 'vite'
import { type Gateway, startGateway } from '../../server/gateway.ts'
import { pageConfig } from '../../server/page.ts'
import { SchoolOffice } from '../../server/school-office.ts'
import { launchChromium } from './chromium.ts'
import { freePort } from './free-port.ts'
import { type OpenOptions, openPage, type Visit } from './visit.ts'

/** A gateway on the sandbox, the built page in front of it, and a browser. */
export interface World extends AsyncDisposable {
  readonly gateway: Gateway
  readonly office: SchoolOffice
  /** Where the page is. */
  readonly url: string
  open(options?: OpenOptions): Promise<Visit>
  /** Lets Clever fail where the pattern matches. */
  breakClever(fault: object): Promise<void>
  /** Cuts all connections between the page and its server. */
  cutConnections(): void
}

interface WorldOptions {
  readonly settings?: Readonly<Record<string, string>>
  readonly tokenSeconds?: number
  /** Whether the page asks the gateway directly, and not through its own server. */
  readonly isCrossOrigin?: boolean
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const { settings, tokenSeconds = 3600, isCrossOrigin = false } = options
  // The gateway has to know the origin of the page before it starts.
  const port = isCrossOrigin ? await freePort() : 0
  const gateway = await startGateway({
    SANDBOX_STUDENTS: '120',
    TOKEN_LEEWAY_MS: '0',
    ...settings,
    ...(isCrossOrigin && { CORS_ORIGINS: `http://localhost:${port}` }),
  })
  const outDir = isCrossOrigin ? await buildFor(gateway) : 'dist'
  const served = await preview(pageConfig({ gateway, port, tokenSeconds, outDir }))
  const browser = await launchChromium()
  const url = served.resolvedUrls?.local[0] ?? ''
  return {
    gateway,
    office: new SchoolOffice(gateway.sandboxUrl),
    url,
    open: (visit) => openPage(browser, url, visit),
    async breakClever(fault) {
      const body = JSON.stringify(fault)
      await fetch(`${gateway.sandboxUrl}/_sandbox/faults`, { method: 'POST', body })
    },
    cutConnections: () => (served.httpServer as Server).closeAllConnections(),
    async [Symbol.asyncDispose]() {
      await browser.close()
      await served.close()
      await gateway[Symbol.asyncDispose]()
      if (isCrossOrigin) await rm(outDir, { recursive: true })
    },
  }
}

/** Builds a page that knows the address of the gateway. */
async function buildFor({ url }: Gateway): Promise<string> {
  const outDir = await mkdtemp(join(tmpdir(), 'page-'))
  await promisify(execFile)('npx', ['vite', 'build', '--outDir', outDir], {
    env: { ...process.env, NODE_ENV: 'production', VITE_GATEWAY_URL: `${url}/graphql` },
  })
  return outDir
}
