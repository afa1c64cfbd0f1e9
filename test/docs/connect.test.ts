import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/sandbox.ts'
import { ROOT, readPages } from './markdown.ts'

/** The commands of the section, one a line. */
function commands(): readonly string[] {
  const readme = readPages().find(({ path }) => path === 'README.md') ?? expect.unreachable()
  const section = readme.text.split('\n## Connect a real district\n')[1]?.split('\n## ')[0] ?? ''
  const blocks = readme.blocks.filter(({ language, text }) => language === 'sh' && section.includes(text))
  return blocks.flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
}

describe('README.md, "Connect a real district", with a sandbox in the place of Clever', () => {
  const children: ChildProcess[] = []
  let sandbox: Sandbox
  let folder: string
  let port = ''
  let token = ''

  beforeAll(async () => {
    sandbox = await startSandbox()
    folder = await mkdtemp(join(tmpdir(), 'connect-'))
    for (const name of ['package.json', 'node_modules', 'src', 'schema', 'docs'])
      await symlink(join(ROOT, name), join(folder, name))
  })
  afterAll(async () => {
    // npm does not pass signals on: each command has a process group of its own.
    for (const { pid } of children) if (pid !== undefined) kill(pid)
    await sandbox.close()
    await rm(folder, { recursive: true })
  })

  function kill(pid: number) {
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // It has ended.
    }
  }

  /** The command of the page that begins like this, with the reader's values in it. */
  function start(beginning: string) {
    const command = commands().find((each) => each.startsWith(beginning)) ?? expect.unreachable(beginning)
    const filledIn = command
      .replace('CLEVER_TOKEN=…', `CLEVER_TOKEN=${sandbox.districts[0]?.token}`)
      .replace('http://localhost:4000', `http://localhost:${port}`)
      .replace('https://clever.com', sandbox.url)
      .replace('<client id>:<client secret>', `${sandbox.clientId}:${sandbox.clientSecret}`)
    const child = spawn('bash', ['-c', filledIn], {
      cwd: folder,
      detached: true,
      env: {
        PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
        HOME: folder,
        PORT: '0',
        CLEVER_API_URL: sandbox.url,
        TOKEN: token,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    return child
  }

  async function run(beginning: string): Promise<string> {
    const child = start(beginning)
    const [output, [code]] = await Promise.all([
      child.stdout.setEncoding('utf8').toArray(),
      once(child, 'close'),
    ])
    expect(code).toBe(0)
    return output.join('')
  }

  async function readToken(beginning: string) {
    const [, printed = ''] = /^export TOKEN=(\S+)\n$/.exec(await run(beginning)) ?? []
    token = printed
  }

  it('1. lists the tokens', async () => {
    const { data } = JSON.parse(await run('curl -u '))
    expect(data[0].access_token).toBe(sandbox.districts[0]?.token)
  })

  it('2. checks the district with the doctor', async () => {
    expect(await run('CLEVER_TOKEN=… npm run doctor')).toContain('It works')
  }, 60_000)

  it('3. makes an issuer, 4. starts, 5. answers a service and 6. shows a guardian only the own relationship', async () => {
    await readToken('npm run -s local-issuer -- service')
    const { stdout } = start('AUTH_FILE=issuers.json CLEVER_TOKEN=… npm start')
    // It is read to the end: the audit is on it too.
    port = await new Promise((resolve) => {
      let output = ''
      stdout.setEncoding('utf8').on('data', (part: string) => {
        output += part
        const [, printed] = /"port":(\d+)/.exec(output) ?? []
        if (printed !== undefined) resolve(printed)
      })
    })
    const asService = JSON.parse(await run('curl http'))
    expect(asService).toMatchObject({ data: { contacts: { totalCount: 41, nodes: [{}, {}, {}] } } })
    await readToken('npm run -s local-issuer -- guardian')
    const asGuardian = JSON.parse(await run('curl http'))
    expect(asGuardian.data.contacts.nodes[0].relationships).toEqual([
      { relationship: 'PARENT', student: { displayName: 'Jonah S Collins' } },
    ])
  }, 60_000)
})
