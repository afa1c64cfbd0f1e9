import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
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

/** Without a name, the command starts the first router. */
const COMMANDS = ROUTERS.map((router, index) => ['supergraph', ...(index === 0 ? [] : ['--', router])])

describe.each(COMMANDS.map((words) => [words.join(' '), words] as const))('npm run %s', (_title, words) => {
  it('prints a query over three teams that works, and stops at Ctrl+C', async () => {
    const command = spawn('npm', ['run', '--silent', ...words], {
      cwd: ROOT,
      env: { ...process.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
      // A process group of its own, as a terminal gives it.
      detached: true,
    })
    const ended = once(command, 'close')
    const group = -(command.pid ?? expect.unreachable('npm did not start'))
    onTestFinished(() => {
      if (command.exitCode === null && command.signalCode === null) process.kill(group, 'SIGKILL')
    })
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
    process.kill(group, 'SIGINT')
    await ended
    const urls = [...printed.matchAll(/http:\S+\/graphql/g)].map(([url]) => url)
    expect(urls.length).toBeGreaterThan(1)
    for (const url of urls) await expect(fetch(url)).rejects.toThrow()
  })
})
