import { once } from 'node:events'
import { searchAudit } from '../audit-command.ts'
import { config, options } from './process.ts'

/** Exits with 1 if the arguments or a file cannot be used. */
export async function runAudit() {
  const gone = new AbortController()
  process.stdout.on('error', () => gone.abort())
  process.exitCode = await searchAudit({
    args: options,
    audit: config.AUDIT,
    stdin: process.stdin,
    async print(text) {
      if (!process.stdout.write(text) && !gone.signal.aborted)
        await once(process.stdout, 'drain', { signal: gone.signal }).catch(() => {})
      return !gone.signal.aborted
    },
    warn: (line) => process.stderr.write(`${line}\n`),
  })
}
