import { restartRolling } from '../support/rolling-restarts.ts'

/** `npm run bench:restarts`: ten rolling restarts under load, behind a balancer that learns of readiness a second late. */
const drainMs = Number(process.env.SHUTDOWN_DRAIN_MS ?? 5_000)
const { requests, failures, codes } = await restartRolling({
  restarts: 10,
  rate: 200,
  drainMs,
  lateMs: 1_000,
})
const failed = Object.values(failures).reduce((sum, count) => sum + count, 0)
process.stdout.write(
  `SHUTDOWN_DRAIN_MS=${drainMs}: ${codes.length} restarts, exit codes ${codes.join()}, ${requests} requests, ${failed} failed ${JSON.stringify(failures)}\n`,
)
process.exitCode = failed === 0 && requests >= 10_000 && codes.every((code) => code === 0) ? 0 : 1
