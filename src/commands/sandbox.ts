import { sandboxGreeting } from '../greeting.ts'
import { onStop } from '../shutdown.ts'
import { config, ignoreClosedStdout, type OpenSandbox } from './process.ts'

/** The sandbox alone, for gateways in other processes. */
export async function runSandbox(openSandbox: OpenSandbox) {
  const sandbox = await openSandbox(config)
  ignoreClosedStdout()
  process.stdout.write(sandboxGreeting(sandbox))
  onStop(config.SHUTDOWN_GRACE_MS, () => sandbox.close())
}
