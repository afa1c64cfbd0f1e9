import { userRow } from '../../src/sandbox/api/render-user.ts'
import { type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.ts'

/**
 * A sandbox that has encoded all its users before it is asked, so that this is not what is measured. Setting:
 * SANDBOX_OPTIONS, as JSON.
 */
const sandbox = await startSandbox(JSON.parse(process.env.SANDBOX_OPTIONS ?? '{}') as SandboxOptions)

for (const { roster } of sandbox.districts) for (const user of roster.users()) userRow(user, '/v3.1')
