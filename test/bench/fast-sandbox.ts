import { startSandbox } from '../../src/sandbox/sandbox.ts'

/**
 * A sandbox that answers at once and never with 429, so that `warm.ts` measures the gateways and not Clever.
 * Settings: SANDBOX_PORT, SANDBOX_STUDENTS.
 */
const { SANDBOX_PORT = '', SANDBOX_STUDENTS = '' } = process.env

await startSandbox({
  port: Number(SANDBOX_PORT),
  students: Number(SANDBOX_STUDENTS),
  requestsPerMinute: 1_000_000_000,
})
