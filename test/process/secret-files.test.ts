import { rename, rm, symlink, writeFile } from 'node:fs/promises'
import { describe, expect, it, vi } from 'vitest'
import { startSandbox } from '../../src/sandbox/sandbox.ts'
import { openFolder } from '../support/folder.ts'
import { runMain } from '../support/run-main.ts'

const WAIT = { timeout: 30_000, interval: 50 }
const SLOW = { timeout: 90_000 }
const [FIRST, SECOND] = ['0123456789abcdef'.repeat(2), 'fedcba9876543210'.repeat(2)]

async function post(url: string, query: string, headers: Record<string, string> = {}): Promise<string> {
  const options = { method: 'POST', body: JSON.stringify({ query }) }
  const response = await fetch(`${url}/graphql`, {
    ...options,
    headers: { 'content-type': 'application/json', ...headers },
  })
  return response.text()
}

describe.concurrent('secrets in files', SLOW, () => {
  it('change without a restart: the token of Clever, by links that are replaced', async () => {
    await using folder = await openFolder()
    await using sandbox = await disposable()
    const district = sandbox.districts[0] ?? expect.unreachable()
    const write = async (version: string, token: string) => {
      await writeFile(folder.in(version), `${district.id}=${token}\n`)
      await symlink(version, folder.in('next'))
      await rename(folder.in('next'), folder.in('tokens'))
    }
    await write('v1', district.token)
    await using main = runMain({
      environment: {
        CLEVER_API_URL: sandbox.url,
        CLEVER_DISTRICT_TOKENS_FILE: folder.in('tokens'),
        AUTHENTICATION: 'everybody-may-read-everything',
        DISPLAY_MAX_AGE_MS: '0',
        WARM: 'off',
      },
    })
    const url = `http://127.0.0.1:${await main.printed(/"port":(\d+)/)}`
    const ask = () => post(url, '{ students(first: 1) { nodes { id } } }')
    expect(await ask()).toContain('"id"')

    district.rotateToken()
    expect(await ask()).toContain('UPSTREAM_UNAUTHORIZED')
    await write('v2', district.token)
    await main.printed(/(the secrets in files changed)/)
    await vi.waitFor(async () => expect(await ask()).toContain('"id"'), WAIT)

    // What is not a token changes nothing.
    await writeFile(folder.in('v2'), 'no district')
    expect(await main.printed(/(CLEVER_DISTRICT_TOKENS must be)/)).not.toBe('')
    expect(await ask()).toContain('"id"')
    expect(main.output()).not.toContain(district.token)
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toContain('secret_file_changes_total{outcome="used"} 1')
    expect(metrics).toContain('secret_file_changes_total{outcome="refused"} 1')
  })

  it('change without a restart: the secret of the router and the one before', async () => {
    await using folder = await openFolder()
    const [secret, previous] = [folder.in('secret'), folder.in('previous')]
    await writeFile(secret, FIRST)
    await writeFile(previous, '')
    await using main = runMain({
      environment: { ROUTER_SECRET_FILE: secret, ROUTER_SECRET_PREVIOUS_FILE: previous },
    })
    const url = `http://127.0.0.1:${await main.printed(/"port":(\d+)/)}`
    const isAccepted = async (text: string) =>
      (await post(url, '{ _service { sdl } }', { 'x-router-secret': text })).includes('type Student')
    expect([await isAccepted(FIRST), await isAccepted(SECOND)]).toEqual([true, false])
    await writeFile(previous, FIRST)
    await writeFile(secret, SECOND)
    await vi.waitFor(async () => expect(await isAccepted(SECOND)).toBe(true), WAIT)
    expect(await isAccepted(FIRST)).toBe(true)
    await writeFile(previous, '')
    await vi.waitFor(async () => expect(await isAccepted(FIRST)).toBe(false), WAIT)
    expect(await isAccepted(SECOND)).toBe(true)
    // A file that is gone for a while leaves the secret in use.
    await rm(secret)
    await main.printed(/(changed secrets in files are refused)/)
    expect(await isAccepted(SECOND)).toBe(true)
  })
})

async function disposable() {
  const sandbox = await startSandbox()
  return Object.assign(sandbox, { [Symbol.asyncDispose]: () => sandbox.close() })
}
