import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { parseArgs } from 'node:util'
import { auditFilesAt } from './audit/audit-files.ts'
import { readAuditLine } from './audit/audit-line.ts'
import { linesOf, UnknownCompression } from './audit/audit-lines.ts'
import { type AuditQuery, type AuditRow, findRows } from './audit/audit-query.ts'
import { parseUserId } from './model/ids.ts'

export interface AuditCommand {
  readonly args: readonly string[]
  /** The setting AUDIT. */
  readonly audit: string
  readonly stdin: Readable
  /** Resolves to true when more may be printed, and to false when the reader has gone. */
  readonly print: (text: string) => Promise<boolean>
  readonly warn: (line: string) => void
}

interface Counts {
  found: number
  audit: number
  other: number
  broken: number
}

const STDIN = '-'
const USAGE = 'Usage: npm run audit -- --student ID | --principal ID [FILE…]'
const HEADER = 'time\trequestId\tprincipal\tprivilege\treason\tstudent\tcontacts\n'

class UsageError extends Error {
  override readonly name = 'UsageError'
}

/**
 * Prints the disclosures of one student or principal, tab-separated, in the order of the files. Resolves to the exit code: 0
 * when all files were read, also when nothing was found; 1 when the arguments or a file are not usable.
 */
export async function searchAudit(command: AuditCommand): Promise<0 | 1> {
  const { args, audit, stdin, print, warn } = command
  try {
    const { query, files } = await readArgs(args, audit)
    const counts: Counts = { found: 0, audit: 0, other: 0, broken: 0 }
    const failed: string[] = []
    if (!(await print(HEADER))) return 0
    for (const file of files) {
      const source = file === STDIN ? stdin : createReadStream(file)
      try {
        for await (const line of linesOf(source)) {
          const rows = rowsOf(line, query, counts)
          if (rows !== '' && !(await print(rows))) return 0
        }
      } catch (error) {
        failed.push(file)
        warn(`${file}: ${problemOf(error)}`)
      }
    }
    warn(summaryOf(counts, files.length, failed.length))
    return failed.length > 0 ? 1 : 0
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    warn(`${error.message}\n${USAGE}`)
    return 1
  }
}

async function readArgs(
  args: readonly string[],
  audit: string,
): Promise<{ query: AuditQuery; files: readonly string[] }> {
  const { values, positionals } = parse(args)
  const { student, principal } = values
  if (student === undefined && principal === undefined)
    throw new UsageError('Name a student or a principal to search for.')
  if (student !== undefined && parseUserId(student) === undefined)
    throw new UsageError('The id of a student has 24 digits from 0 to 9 and a to f, in lower case.')
  if (principal === '') throw new UsageError('The id of the principal is empty.')
  if (principal?.split(/[:+]/).some(isInUpperCase))
    throw new UsageError('The ids in the name of a principal are in lower case.')
  const files = positionals.length > 0 ? positionals : await defaultFiles(audit)
  return { query: { ...(student && { student }), ...(principal && { principal }) }, files }
}

/** No such id is in the audit. */
function isInUpperCase(id: string): boolean {
  return parseUserId(id) === undefined && parseUserId(id.toLowerCase()) !== undefined
}

function parse(args: readonly string[]) {
  try {
    const options = { student: { type: 'string' }, principal: { type: 'string' } } as const
    return parseArgs({ args: [...args], options, allowPositionals: true })
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'The arguments cannot be read.')
  }
}

async function defaultFiles(audit: string): Promise<readonly string[]> {
  if (audit === 'stdout' || audit === 'off')
    throw new UsageError(`AUDIT is ${audit}: name the files to search, or ${STDIN} for standard input.`)
  const files = await auditFilesAt(audit).catch(() => [])
  if (files.length === 0)
    throw new UsageError('There is no file at the path in AUDIT: name the files to search.')
  return files
}

function rowsOf(line: string | undefined, query: AuditQuery, counts: Counts): string {
  const read = line === undefined ? 'BROKEN' : readAuditLine(line)
  if (read === 'OTHER') counts.other += 1
  if (read === 'BROKEN') counts.broken += 1
  if (read === 'OTHER' || read === 'BROKEN') return ''
  counts.audit += 1
  const rows = findRows(read, query)
  counts.found += rows.length
  return rows.map(printRow).join('')
}

function printRow({ time, requestId, principal, privilege, reason, student, contacts }: AuditRow): string {
  const columns = [time, requestId, principal, privilege, reason, student, contacts.join(' ')]
  return `${columns.map(printable).join('\t')}\n`
}

/** The name of a service may contain a tab or a control character of terminals. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}')
}

function problemOf(error: unknown): string {
  if (error instanceof UnknownCompression) return `cannot be read: decompress it first (${error.message})`
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ENOENT') return 'does not exist'
  if (code === 'EISDIR') return 'is a folder: name files'
  if (code.startsWith('Z_') || code.startsWith('ZSTD_')) return `is damaged, or ends too early (${code})`
  return `cannot be read (${code})`
}

function summaryOf({ found, audit, other, broken }: Counts, files: number, failed: number): string {
  const parts = [
    `${found} found in ${audit} audit lines of ${files} ${files === 1 ? 'file' : 'files'}`,
    ...(other > 0 ? [`${other} other lines skipped`] : []),
    ...(broken > 0
      ? [`${broken} lines that are no whole JSON line skipped: an audit line may be among them`]
      : []),
    ...(failed > 0 ? [`${failed} not read to the end`] : []),
  ]
  return parts.join('; ')
}
