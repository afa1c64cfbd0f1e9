import { secretOf } from '../clever/connect.ts'
import { createLog } from '../log.ts'
import { createMetrics } from '../metrics.ts'
import { config, exit, options } from './process.ts'

/** Exits with 1 if nothing was revoked. */
export async function runRevoke() {
  const { REDIS_URL, REPLICAS_SECRET, source } = config
  if (REDIS_URL === undefined || source.kind === 'sandbox')
    return exit(
      'Set REDIS_URL and the Clever credentials as for the replicas: they learn of a revocation over Redis.',
    )
  const { connectRedis } = await import('../replicas/redis.ts')
  const { revoke } = await import('../replicas/revoke-command.ts')
  const redis = await connectRedis({
    url: REDIS_URL,
    log: createLog('silent', process.stderr),
    metrics: createMetrics(),
  })
  const secret = REPLICAS_SECRET ?? secretOf(source)
  try {
    const problem = await revoke({ args: options, stdin: process.stdin, redis, secret, now: Date.now() })
    if (problem !== undefined) exit(problem)
    process.stdout.write('Revoked: all replicas refuse it within a second.\n')
  } catch {
    exit('Nothing is revoked: Redis does not answer. Check REDIS_URL and Redis.')
  } finally {
    await redis.close()
  }
}
