import type { Fault } from '../faults.ts'
import { BadInputError, type Fields, isExpression } from './input.ts'

interface Check {
  readonly must: string
  isMet(value: unknown): boolean
}

const isString = (value: unknown) => typeof value === 'string'
const isWhole = (from: number, to = Number.MAX_SAFE_INTEGER) => {
  return (value: unknown) =>
    typeof value === 'number' && Number.isInteger(value) && value >= from && value <= to
}
const oneOf = (...values: unknown[]): Check => ({
  must: `be ${values.join(' or ')}`,
  isMet: (value) => values.includes(value),
})

const checks = new Map<string, Check>([
  ['path', { must: 'be a path from /; pattern takes a regular expression', isMet: isPath }],
  ['pattern', { must: 'be the source of a regular expression', isMet: isExpression }],
  ['times', { must: 'be a whole number from 1', isMet: isWhole(1) }],
  ['status', { must: 'be a status from 200 to 599', isMet: isWhole(200, 599) }],
  ['headers', { must: 'hold strings', isMet: holdsStrings }],
  ['body', { must: 'be a string', isMet: isString }],
  ['delayMs', { must: 'be a whole number', isMet: isWhole(0) }],
  ['cut', oneOf('before-headers', 'mid-body')],
  ['garble', oneOf(true)],
  ['stall', oneOf('mid-body')],
])

/** Reads a fault that names its calls by `path` or by `pattern`. Throws BadInputError. */
export function readFault({ path, pattern, ...rest }: Fields): Fault {
  const where = path === undefined ? { pattern } : { path }
  for (const [field, value] of Object.entries({ ...where, ...rest })) {
    const check = checks.get(field)
    if (!check) throw new BadInputError(`a fault has no ${field}`)
    if (!check.isMet(value)) throw new BadInputError(`${field} must ${check.must}`)
  }
  return { ...rest, path: path ?? new RegExp(String(pattern), 'i') } as Fault
}

function isPath(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('/')
}

function holdsStrings(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(isString)
}
