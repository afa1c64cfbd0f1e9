import type { Role } from '../model/ranges.ts'

/** Characters. */
const WIDTH = 30

/** A bar for a terminal, or a line for a log. `of` is undefined if the total is not known. */
export function drawProgress(role: Role, rows: number, of: number | undefined): void {
  const text = of === undefined ? `${rows} ${role}s` : `${rows} of ${of} ${role}s`
  if (!process.stderr.isTTY) {
    process.stderr.write(`${text}\n`)
    return
  }
  const filled = Math.round(WIDTH * Math.min(rows / Math.max(of ?? rows, 1), 1))
  const bar = '#'.repeat(filled).padEnd(WIDTH, '.')
  const end = of !== undefined && rows >= of ? '\r\x1b[K' : ''
  process.stderr.write(`\r[${bar}] ${text}${end}`)
}
