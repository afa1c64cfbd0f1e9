import { fileURLToPath } from 'node:url'
import { type Program, runProgram } from './program.ts'

/** This gateway, on its sandbox. */
export interface ContactsGateway extends AsyncDisposable {
  readonly url: string
  /** Where the sandbox shows the calls that it received, and changes its district. */
  readonly sandbox: string
  /** By person: service, guardian, teacher … */
  readonly tokens: Readonly<Record<string, string>>
  readonly program: Program
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Starts the gateway as `npm start` does, on a free port. */
export async function startGateway(settings: Readonly<Record<string, string>>): Promise<ContactsGateway> {
  const program = runProgram(process.execPath, ['src/main.ts'], {
    cwd: ROOT,
    env: { PORT: '0', EVENTS_INTERVAL_MS: '1000', ...settings },
  })
  const url = await program.printed(/GraphiQL +(http\S+)/)
  const sandbox = await program.printed(/Clever +(http\S+)/)
  const response = await fetch(`${sandbox}/tokens`)
  return {
    url,
    sandbox,
    tokens: (await response.json()) as Record<string, string>,
    program,
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  }
}
