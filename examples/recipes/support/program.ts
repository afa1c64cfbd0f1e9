import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

export interface Program {
  /** What the expression has found in the output. */
  readonly found: RegExpExecArray
  /** Ends the program as an operator does, and waits for its end. */
  stop(): Promise<void>
}

/** Starts the gateway or its sandbox, and waits until the output matches. */
export async function startProgram(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
  expression: RegExp,
): Promise<Program> {
  const child = spawn(process.execPath, ['src/main.ts', ...args], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  // A test that fails may not come to its end.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  return {
    found: await read(child, expression),
    async stop() {
      process.off('exit', kill)
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}

/** The output is read to the end, so that the program never waits. */
function read(child: ChildProcess, expression: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let output = ''
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      output += part
      const match = expression.exec(output)
      if (match) resolve(match)
    })
    child.once('exit', () =>
      reject(new Error('The program has ended. Run `npm ci` in the root of the project.')),
    )
  })
}
