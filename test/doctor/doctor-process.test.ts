import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { startConnectProxy } from '../support/connect-proxy.ts'
import { CLEVER_TEST } from '../support/tls.ts'

const ROOT = new URL('../..', import.meta.url)

/** `npm run doctor` with nothing but these settings. */
async function doctor(environment: Record<string, string>) {
  const child = spawn(process.execPath, ['src/main.ts', 'doctor'], { cwd: ROOT, env: environment })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  const [code] = await once(child, 'close')
  return { code, output }
}

describe('npm run doctor', { timeout: 60_000 }, () => {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await startSandbox()
  })
  afterAll(() => sandbox.close())

  it('distinguishes a mistyped secret from a mistyped token, and ends with 1', async () => {
    const urls = { CLEVER_API_URL: sandbox.url, CLEVER_OAUTH_URL: sandbox.url }
    const [secret, token] = await Promise.all([
      doctor({ ...urls, CLEVER_CLIENT_ID: sandbox.clientId, CLEVER_CLIENT_SECRET: 'mistyped' }),
      doctor({ ...urls, CLEVER_TOKEN: 'mistyped' }),
    ])
    expect(secret.output).toMatch(
      /fail token +Clever does not know CLEVER_CLIENT_ID and CLEVER_CLIENT_SECRET/,
    )
    expect(token.output).toMatch(/fail token +Clever does not know CLEVER_TOKEN/)
    for (const { code, output } of [secret, token]) {
      expect(code).toBe(1)
      expect(output).not.toContain('mistyped')
    }
  })

  it('asks Clever through HTTPS_PROXY, with no more connections than CLEVER_CONNECTIONS', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'doctor-'))
    const authority = join(folder, 'authority.pem')
    await writeFile(authority, CLEVER_TEST.cert)
    const tls = createServer(CLEVER_TEST, (socket) => {
      const upstream = connect(Number(new URL(sandbox.url).port), '127.0.0.1')
      socket.on('error', () => upstream.destroy()).on('close', () => upstream.destroy())
      upstream.on('error', () => socket.destroy())
      socket.pipe(upstream).pipe(socket)
    }).listen(0, '127.0.0.1')
    await once(tls, 'listening')
    await using proxy = await startConnectProxy({ port: (tls.address() as AddressInfo).port })
    const proxies = {
      https_proxy: `http://user:hunter2@127.0.0.1:${proxy.port}`,
      HTTP_PROXY: `127.0.0.1:${proxy.port}`,
    }
    const token = sandbox.districts[0]?.token ?? ''
    const { code, output } = await doctor({
      ...proxies,
      CLEVER_TOKEN: token,
      CLEVER_API_URL: 'https://clever.test',
      CLEVER_CONNECTIONS: '2',
      NODE_EXTRA_CA_CERTS: authority,
    })
    tls.close()
    await rm(folder, { recursive: true })
    expect(output).toMatch(/ok +token/)
    expect(output).toMatch(/ok +cursors/)
    expect(output).not.toContain('hunter2')
    expect(code).toBe(0)
    expect(proxy.asked.length).toBeGreaterThan(0)
    expect(proxy.asked.length).toBeLessThanOrEqual(2)
    expect(new Set(proxy.asked.map(({ target }) => target))).toEqual(new Set(['clever.test:443']))
  })

  it('names host, proxy and error where Clever cannot be reached, and ends with 1', async () => {
    const proxy = await startConnectProxy({ status: 403 })
    await proxy[Symbol.asyncDispose]()
    const { code, output } = await doctor({
      CLEVER_TOKEN: 'x',
      HTTPS_PROXY: `http://user:hunter2@127.0.0.1:${proxy.port}`,
    })
    expect(output).toContain(
      `api.clever.com through the proxy 127.0.0.1:${proxy.port} cannot be reached: ECONNREFUSED`,
    )
    expect(output).not.toContain('hunter2')
    expect(code).toBe(1)
  })
})
