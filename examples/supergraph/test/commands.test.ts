import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { ROUTERS } from '../supergraph.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

/** What a command prints until a line that starts with a curl command is complete. */
async function printedBy(stdout: Readable): Promise<string> {
  let printed = ''
  for await (const part of stdout.iterator({ destroyOnReturn: false })) {
    printed += part
    if (/ curl .*\n.*\n/.test(printed)) return printed
  }
  return expect.unreachable(printed)
}

describe.each(ROUTERS)('npm run supergraph -- %s', (router) => {
  it('prints a query over three teams that works, and stops at Ctrl+C', async () => {
    const command = spawn('npm', ['run', '--silent', 'supergraph', '--', router], {
      cwd: ROOT,
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
      // A process group of its own, as a terminal gives it.
      detached: true,
    })
    const ended = once(command, 'close')
    const printed = await printedBy(command.stdout)
    const [exports, curl] = [printed.match(/^ *export .*$/gm) ?? [], printed.match(/^ *curl .*\n.*$/m) ?? []]
    const script = [...exports, ...curl].join('\n').replace('curl ', 'curl -s ')
    const answer = JSON.parse(execFileSync('bash', ['-c', script], { encoding: 'utf8' }))
    expect(answer.errors).toBeUndefined()
    expect(answer.data.absencesOn[0].student).toEqual({
      displayName: 'Naomi H Whitfield',
      relationships: expect.arrayContaining([
        {
          relationship: 'AUNT_UNCLE',
          lastMessageAt: '2026-11-01T08:00:00Z',
          contact: { displayName: 'Aaron Collins' },
        },
      ]),
    })
    process.kill(-(command.pid ?? 0), 'SIGINT')
    await ended
    const urls = [...printed.matchAll(/http:\S+\/graphql/g)].map(([url]) => url)
    expect(urls.length).toBeGreaterThan(1)
    for (const url of urls) await expect(fetch(url)).rejects.toThrow()
  })
})
