/** An optional argument. Undefined if it is left out, null or blank, which all mean the same. */
export function given(text: string | null | undefined): string | undefined {
  return text == null || text.trim() === '' ? undefined : text
}

/**
 * Whether an input object is empty: each of its fields is left out, null or blank. An empty list is a value.
 */
export function isBlank(input: object): boolean {
  return Object.values(input).every((value) => value == null || isBlankText(value))
}

function isBlankText(value: unknown): boolean {
  return typeof value === 'string' && value.trim() === ''
}
