import { type Clever, type CleverOptions, connectClever } from '../../src/clever/connect.ts'
import type { CallContext } from '../../src/clever/transport.ts'
import { systemClock } from '../../src/clock.ts'
import { createLog } from '../../src/log.ts'
import { createMetrics } from '../../src/metrics.ts'
import { CallAllowance } from '../../src/model/call-allowance.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts'
import { namedSource } from './gateway.ts'

/** A client of Clever over a sandbox of its own. */
export async function startClever(sandboxOptions: SandboxOptions = {}, options: Partial<CleverOptions> = {}) {
  const sandbox: Sandbox = await startSandbox(sandboxOptions)
  const metrics = createMetrics()
  const clever: Clever = connectClever({
    source: namedSource(sandbox),
    apiUrl: sandbox.url,
    oauthUrl: sandbox.url,
    version: 'v3.1',
    connections: 64,
    clock: systemClock,
    log: createLog('silent'),
    metrics,
    ...options,
  })
  const [district] = await clever.clients.all(callerWaiting())
  if (district === undefined) throw new Error('the sandbox has no district')
  return {
    sandbox,
    metrics,
    clever,
    district,
    async [Symbol.asyncDispose]() {
      await clever.close()
      await sandbox.close()
    },
  }
}

/** Someone who waits `patience` ms for an answer. */
export function callerWaiting(
  patience = 5_000,
  gone: AbortSignal = new AbortController().signal,
): CallContext & { allowance: CallAllowance } {
  return {
    deadline: Date.now() + patience,
    signal: AbortSignal.any([gone, AbortSignal.timeout(patience)]),
    allowance: new CallAllowance(1_000),
    priority: 'INTERACTIVE',
  }
}
