import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readDocuments } from '../../src/open-documents.ts'
import { tokensOf } from '../../src/sandbox/sign-in.ts'
import { startGateway, type TestGateway } from '../support/gateway.ts'
import { ROOT } from './markdown.ts'

/** Where the pages find the gateway and the sandbox. */
const GATEWAY = 'http://localhost:4000'
const SANDBOX = 'http://127.0.0.1:4010'

/** A gateway as a page describes it, and a shell beside it. */
export interface World extends AsyncDisposable {
  readonly gateway: TestGateway
  readonly tokens: ReadonlyMap<string, string>
  /** The output of a program that ends with 0. `text` is a script for bash or a module for Node. */
  run(program: 'bash' | 'node', text: string): Promise<string>
  /** A program that runs until the end of the world; `output` is what it has printed so far. */
  start(program: 'bash' | 'node', text: string): { output(): string }
}

export async function createWorld(): Promise<World> {
  const documents = await readDocuments(join(ROOT, 'operations/manifest.json'))
  const trustedDocuments = { documents, isOnly: false }
  const gateway = await startGateway({ warm: 'off', eventsInterval: 50, eventsLag: 1_000, trustedDocuments })
  const { sandbox } = gateway
  for (const { title, token } of await tokensOf(sandbox, gateway)) sandbox.tokens.set(title, token)
  const folder = await mkdtemp(join(tmpdir(), 'docs-'))
  const children: ChildProcess[] = []

  function start(program: 'bash' | 'node', text: string) {
    // The sandbox first: a gateway on a port such as 40103 begins like the sandbox of the pages.
    const script = text.replaceAll(SANDBOX, sandbox.url).replaceAll(GATEWAY, gateway.url)
    const options = program === 'bash' ? ['-e', '-o', 'pipefail', '-c'] : ['--input-type=module', '-e']
    const file = program === 'bash' ? 'bash' : process.execPath
    const child = spawn(file, [...options, script], {
      cwd: folder,
      env: {
        PATH: `${dirname(process.execPath)}:${process.env.PATH}`,
        TOKEN: sandbox.tokens.get('service'),
        GUARDIAN: sandbox.tokens.get('guardian'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    children.push(child)
    let output = ''
    let complaints = ''
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      output += part
    })
    child.stderr.setEncoding('utf8').on('data', (part: string) => {
      complaints += part
    })
    return { child, output: () => output, complaints: () => complaints }
  }

  return {
    gateway,
    tokens: sandbox.tokens,
    start,
    async run(program, text) {
      const { child, output, complaints } = start(program, text)
      const [code] = await once(child, 'close')
      if (code !== 0) throw new Error(`ended with ${code}: ${complaints()}`)
      return output()
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) child.kill('SIGKILL')
      await gateway[Symbol.asyncDispose]()
      await rm(folder, { recursive: true })
    },
  }
}
