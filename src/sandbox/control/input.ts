/** A JSON object from a request, whose values are not checked yet. */
export type Fields = Readonly<Record<string, unknown>>

export class BadInputError extends Error {
  override readonly name = 'BadInputError'
}

/** An empty text is an empty object. Throws BadInputError for anything that is not a JSON object. */
export function readFields(json: string): Fields {
  try {
    const value: unknown = JSON.parse(json || '{}')
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  } catch {
    // Reported below, together with JSON of the wrong type.
  }
  throw new BadInputError('the body must be a JSON object')
}

/** The parameters of a GET. If a name occurs twice, the last one counts. */
export function readQuery(query: string): Fields {
  return Object.fromEntries(new URLSearchParams(query))
}

/** Throws BadInputError when the field is present but not a string. */
export function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  if (value === undefined || typeof value === 'string') return value
  throw new BadInputError(`${name} must be a string`)
}

/** Throws BadInputError when the field is present but is not a valid regular expression. */
export function optionalExpression(fields: Fields, name: string): RegExp | undefined {
  const value = optionalText(fields, name)
  if (value === undefined) return undefined
  if (!isExpression(value)) throw new BadInputError(`${name} must be the source of a regular expression`)
  return new RegExp(value, 'i')
}

export function isExpression(value: unknown): boolean {
  if (typeof value !== 'string' || value === '') return false
  try {
    new RegExp(value)
    return true
  } catch {
    return false
  }
}

/** Throws BadInputError when the field is missing or not a number from 0 to 1. */
export function requiredShare(fields: Fields, name: string): number {
  const value = fields[name]
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  throw new BadInputError(`${name} must be a number from 0 to 1`)
}

/** Throws BadInputError when the field is missing or not a whole number from 1 to a day. */
export function requiredSeconds(fields: Fields, name: string): number {
  const value = fields[name]
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 86_400) return value
  throw new BadInputError(`${name} must be a whole number from 1 to 86400`)
}

/** Throws BadInputError when the field is missing or not one of `words`. */
export function requiredWord<T extends string>(fields: Fields, name: string, words: readonly T[]): T {
  const value = words.find((word) => word === fields[name])
  if (value !== undefined) return value
  throw new BadInputError(`${name} must be ${words.join(' or ')}`)
}

/** Throws BadInputError when the field is missing or not a string. */
export function requiredText(fields: Fields, name: string): string {
  const value = optionalText(fields, name)
  if (value === undefined) throw new BadInputError(`${name} is missing`)
  return value
}
