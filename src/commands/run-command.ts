import { runAudit } from './audit.ts'
import { runDoctor } from './doctor.ts'
import { runGateway } from './gateway.ts'
import { command, exit, exitUnlessListening, type OpenSandbox } from './process.ts'
import { runRevoke } from './revoke.ts'
import { runSandbox } from './sandbox.ts'

const COMMANDS: Readonly<Record<string, (openSandbox: OpenSandbox) => Promise<void>>> = {
  sandbox: runSandbox,
  doctor: runDoctor,
  audit: runAudit,
  revoke: runRevoke,
}

/** Runs the command that the arguments of the process name: the gateway if they name none. */
export async function runCommand(openSandbox: OpenSandbox): Promise<void> {
  const open: OpenSandbox = (config) => openSandbox(config).catch(exitUnlessListening('SANDBOX_PORT'))
  if (command === undefined) return runGateway(open)
  const run = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined
  if (run !== undefined) return run(open)
  exit(
    'Only `sandbox` may follow, which starts the sandbox alone, `doctor`, which checks what Clever gives, `audit`, which searches the audit, or `revoke`, which refuses a token or principal.',
  )
}
