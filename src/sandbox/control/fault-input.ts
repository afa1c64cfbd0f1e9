import type { Fault } from '../faults.ts'
import { BadInputError, type Fields } from './input.ts'

interface Check {
  readonly must: string
  isMet(value: unknown): boolean
}

const isString = (value: unknown) => typeof value === 'string'
const isWhole = (value: unknown) => Number.isInteger(value) && Number(value) >= 0
const oneOf = (...values: unknown[]): Check => ({
  must: `be ${values.join(' or ')}`,
  isMet: (value) => values.includes(value),
})

const faultChecks: Readonly<Record<string, Check>> = {
  path: {
    must: 'be a whole path; use pattern for a regular expression',
    isMet: (v) => isString(v) && /^\//.test(String(v)),
  },
  pattern: { must: 'be the source of a regular expression', isMet: isExpression },
  times: { must: 'be a whole number from 1', isMet: (value) => isWhole(value) && value !== 0 },
  status: {
    must: 'be an HTTP status from 200',
    isMet: (v) => isWhole(v) && Number(v) >= 200 && Number(v) < 600,
  },
  headers: {
    must: 'hold strings',
    isMet: (v) => typeof v === 'object' && v !== null && Object.values(v).every(isString),
  },
  body: { must: 'be a string', isMet: isString },
  delayMs: { must: 'be a whole number', isMet: isWhole },
  cut: oneOf('before-headers', 'mid-body'),
  garble: oneOf(true),
  stall: oneOf('mid-body'),
}

/** Reads a fault that names its calls by `path` or by `pattern`. Throws BadInputError. */
export function readFault({ path, pattern, ...rest }: Fields): Fault {
  const where = path === undefined ? { pattern } : { path }
  for (const [field, value] of Object.entries({ ...where, ...rest })) {
    const check = faultChecks[field]
    if (!check) throw new BadInputError(`a fault has no ${field}`)
    if (!check.isMet(value)) throw new BadInputError(`${field} must ${check.must}`)
  }
  return { ...rest, path: path ?? new RegExp(String(pattern), 'i') } as Fault
}

function isExpression(source: unknown): boolean {
  if (typeof source !== 'string' || source === '') return false
  try {
    return new RegExp(source) instanceof RegExp
  } catch {
    return false
  }
}
