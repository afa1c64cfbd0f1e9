import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'

export interface Program extends AsyncDisposable {
  /** The first group of the pattern, as soon as the program has printed it. Rejects if the program ends before. */
  printed(pattern: RegExp): Promise<string>
  output(): string
  /** Resolves when the program has ended. */
  readonly ended: Promise<unknown>
}

/** Runs a program until the end of the scope. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Program {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { PATH, HOME, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = once(child, 'close')
  const progress = new EventEmitter()
  let output = ''
  let hasEnded = false
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      progress.emit('more')
    })
  child.on('close', () => {
    hasEnded = true
    progress.emit('more')
  })
  return {
    output: () => output,
    ended,
    async printed(pattern) {
      for (;;) {
        const [, group] = pattern.exec(output) ?? []
        if (group !== undefined) return group
        if (hasEnded) throw new Error(`${file} ${args[0] ?? ''} ended:\n${output}`)
        await once(progress, 'more')
      }
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
