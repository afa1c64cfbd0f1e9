import { fstatSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { LineWriter } from '../line-writer.ts'
import { AccessFileError } from '../open-access.ts'
import { STDOUT } from '../stdout.ts'
import type { AuditSink } from './audit.ts'
import { AuditFile } from './audit-file.ts'

export interface Audit {
  /** Undefined if there is no audit. */
  readonly sink: AuditSink | undefined
  /** Opens the path again after a rename. Rejects if it cannot be opened. Undefined if there is no path. */
  readonly reopen: (() => Promise<void>) | undefined
  /** Leaves stdout open. */
  close(): Promise<void>
}

const NOT_A_FILE = { reopen: undefined, close: async () => {} }

/**
 * The audit of the setting AUDIT: `stdout`, `off`, or a path. A path that leads to stdout, such as /dev/stdout, is
 * stdout: a second writer would tear its lines. Throws AccessFileError.
 */
export async function openAudit(setting: string, stdout: LineWriter, stuckAfterMs: number): Promise<Audit> {
  if (setting === 'off') return { ...NOT_A_FILE, sink: undefined }
  if (setting === 'stdout' || (await isStdout(setting))) return { ...NOT_A_FILE, sink: stdout }
  const file = new AuditFile(setting)
  const writer = new LineWriter(file, { stuckAfterMs })
  await writer.append('').catch((error: NodeJS.ErrnoException) => {
    throw new AccessFileError(`AUDIT: ${problemOf(error.code)}`)
  })
  return {
    sink: writer,
    reopen() {
      file.askToReopen()
      return writer.append('')
    },
    close: () => writer.close(),
  }
}

async function isStdout(path: string): Promise<boolean> {
  const there = await stat(path, { bigint: true }).catch(() => undefined)
  const stdout = fstatSync(STDOUT, { bigint: true })
  return there !== undefined && there.dev === stdout.dev && there.ino === stdout.ino
}

function problemOf(code = 'UNKNOWN'): string {
  if (code === 'ENXIO') return 'the named pipe has no reader (ENXIO): start the reader first'
  if (code === 'ENOENT') return 'the folder of the file does not exist (ENOENT): create it'
  if (code === 'EISDIR') return 'the path is a folder (EISDIR): name a file'
  return `the file cannot be opened for writing (${code}): name another path, or let the gateway write there`
}
