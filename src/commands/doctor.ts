import { systemClock } from '../clock.ts'
import { examineDistricts } from '../doctor/examine-districts.ts'
import { drawProgress } from '../doctor/progress.ts'
import { createLog } from '../log.ts'
import { createMetrics } from '../metrics.ts'
import { config, connect, exit, ignoreClosedStdout, type OpenSandbox, options } from './process.ts'

/** Exits with 1 if a check fails, or with `--strict` also if one warns. */
export async function runDoctor(openSandbox: OpenSandbox) {
  ignoreClosedStdout()
  const isStrict = options.includes('--strict')
  if (options.some((option) => option !== '--strict')) exit('Only `--strict` may follow `doctor`.')
  const log = createLog(config.LOG_LEVEL, process.stderr)
  const metrics = createMetrics()
  const sandbox = config.source.kind === 'sandbox' ? await openSandbox(config) : undefined
  const clever = connect(sandbox, log, metrics)
  if (sandbox !== undefined)
    process.stdout.write('No Clever credentials are set: this is the sandbox, and no person in it is real.\n')
  const diagnosis = await examineDistricts({
    clients: clever.clients,
    credentials: config.source.kind === 'sandbox' ? 'client' : config.source.kind,
    maxBytes: config.DIRECTORY_MAX_BYTES,
    phoneCountry: config.PHONE_COUNTRY,
    requiredFields: config.REQUIRED_CONTACT_FIELDS,
    clock: systemClock,
    log,
    metrics,
    print: (line) => process.stdout.write(`${line}\n`),
    progress: drawProgress,
  })
  await clever.close()
  await sandbox?.close()
  const isRefused = isStrict && diagnosis === 'warn'
  if (isRefused) process.stdout.write('After --strict, what warns fails.\n')
  process.exitCode = diagnosis === 'fail' || isRefused ? 1 : 0
}
