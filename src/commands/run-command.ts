import { command, exit, exitUnlessListening, type OpenSandbox } from './process.ts'

type Run = (openSandbox: OpenSandbox) => Promise<void>

/**
 * Each command loads only its own modules. To load those of the gateway takes half a second of processor time. Wrong
 * settings end the process before that.
 */
const COMMANDS: Readonly<Record<string, () => Promise<Run>>> = {
  sandbox: async () => (await import('./sandbox.ts')).runSandbox,
  doctor: async () => (await import('./doctor.ts')).runDoctor,
  audit: async () => (await import('./audit.ts')).runAudit,
  revoke: async () => (await import('./revoke.ts')).runRevoke,
}

/** Runs the command that the arguments of the process name: the gateway if they name none. */
export async function runCommand(openSandbox: OpenSandbox): Promise<void> {
  const open: OpenSandbox = (config) => openSandbox(config).catch(exitUnlessListening('SANDBOX_PORT'))
  if (command === undefined) return (await import('./gateway.ts')).runGateway(open)
  const load = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined
  if (load !== undefined) return (await load())(open)
  exit(
    'Only `sandbox` may follow, which starts the sandbox alone, `doctor`, which checks what Clever gives, `audit`, which searches the audit, or `revoke`, which refuses a token or principal.',
  )
}
