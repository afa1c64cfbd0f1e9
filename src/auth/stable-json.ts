/** Deeper values are not written: no variable of the schema is as deep, and the depth of the stack is limited. */
const MAX_DEPTH = 100

/**
 * JSON without spaces, with the keys of each object in the order of their UTF-16 code units, and without keys that are undefined.
 * `value` is JSON that was parsed. Undefined if it is deeper than 100 levels. Source of the format: json-stable-stringify.
 */
export function stableJson(value: unknown, depth = 0): string | undefined {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (depth === MAX_DEPTH) return undefined
  if (Array.isArray(value)) {
    const items = value.map((item) => stableJson(item, depth + 1))
    return items.includes(undefined) ? undefined : `[${items.join(',')}]`
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, member]) => [JSON.stringify(key), stableJson(member, depth + 1)] as const)
  if (members.some(([, text]) => text === undefined)) return undefined
  return `{${members.map(([key, text]) => `${key}:${text}`).join(',')}}`
}
