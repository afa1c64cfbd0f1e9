import { isBlankValue } from './blank-values.ts'

/**
 * Clever's words for a relationship and ours. The left side is Clever's documented enum. Districts write
 * other words, too: a word that is not in a table is OTHER, a missing word or one such as N/A is UNSPECIFIED,
 * and the raw text always stays beside it.
 */
export const RELATIONSHIPS = {
  Parent: 'PARENT',
  Grandparent: 'GRANDPARENT',
  Self: 'SELF',
  'Aunt/Uncle': 'AUNT_UNCLE',
  Sibling: 'SIBLING',
  Other: 'OTHER',
} as const

export const RELATIONSHIP_TYPES = {
  'Parent/Guardian': 'PARENT_GUARDIAN',
  Emergency: 'EMERGENCY',
  Primary: 'PRIMARY',
  Secondary: 'SECONDARY',
  Family: 'FAMILY',
  Other: 'OTHER',
} as const

export const PHONE_TYPES = { Cell: 'CELL', Home: 'HOME', Work: 'WORK', Other: 'OTHER' } as const

export const DISTRICT_STATES = {
  running: 'RUNNING',
  pending: 'PENDING',
  error: 'ERROR',
  paused: 'PAUSED',
  success: 'SUCCESS',
} as const

/** One value of an open enum: the known value, and the raw text. */
export interface OpenEnumValue<Value extends string> {
  readonly value: Value | 'OTHER' | 'UNSPECIFIED'
  readonly raw: string | undefined
  /** False for a word that is not blank and that Clever does not document. */
  readonly isKnown: boolean
}

export function parseEnumValue<Value extends string>(
  vocabulary: Readonly<Record<string, Value>>,
  raw: string | undefined,
): OpenEnumValue<Value> {
  if (raw === undefined) return { value: 'UNSPECIFIED', raw, isKnown: true }
  const word = raw.trim()
  const value = Object.hasOwn(vocabulary, word) ? vocabulary[word] : undefined
  if (value !== undefined) return { value, raw, isKnown: true }
  return isBlankValue(word)
    ? { value: 'UNSPECIFIED', raw, isKnown: true }
    : { value: 'OTHER', raw, isKnown: false }
}
