/** A JSON object somebody sent; nothing is known of its values. */
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
    // Said below, together with JSON of the wrong kind.
  }
  throw new BadInputError('the body must be a JSON object')
}

/** Throws BadInputError when the field is there and not a string. */
export function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name]
  if (value === undefined || typeof value === 'string') return value
  throw new BadInputError(`${name} must be a string`)
}

/** Throws BadInputError when the field is missing or not a string. */
export function requiredText(fields: Fields, name: string): string {
  const value = optionalText(fields, name)
  if (value === undefined) throw new BadInputError(`${name} is missing`)
  return value
}
