type Attributes = Record<string, unknown>

/** `last_modified` changes with every change, but was never seen in `previous_attributes`. */
const unreported = new Set(['last_modified'])

/**
 * The old values of the changed fields only, nested as in the record. An array is reported whole. A value
 * that was missing is reported as the empty string, since Clever's JSON never holds null.
 */
export function previousAttributes(before: object, after: object): Attributes {
  const old: Attributes = { ...before }
  const current: Attributes = { ...after }
  const changed: Attributes = {}
  for (const key of new Set([...Object.keys(old), ...Object.keys(current)])) {
    if (unreported.has(key) || isSame(old[key], current[key])) continue
    changed[key] = previousValue(old[key], current[key])
  }
  return changed
}

function previousValue(before: unknown, after: unknown): unknown {
  if (isNested(before) && isNested(after)) return previousAttributes(before, after)
  return before ?? ''
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
