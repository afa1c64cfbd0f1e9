import type { UserId } from '../model/ids.ts'
import type { Role } from '../model/ranges.ts'
import type { ContactNode } from './contact-node.ts'
import type { NodeOf } from './scan.ts'
import type { StudentNode } from './student-node.ts'

/** The sort fields of a list, besides the id. */
export type SortField = 'NAME' | 'LAST_MODIFIED'

/** A position in a sorted list. It stays valid when the record changes or is deleted, because it holds the values themselves. */
export interface Place {
  /** Personal data. The texts to compare, the most important first; empty for a record without the value. */
  readonly sortKey: readonly string[]
  readonly id: UserId
}

export interface Order<R extends Role> {
  readonly field: SortField
  readonly isDescending: boolean
  /** Uses only the part of the record that the viewer may see. */
  placeOf(node: NodeOf<R>): Place
}

/** UTF-16 code units of each text. Names that are equal up to here are sorted by id. */
const MAX_SORT_TEXT = 100

/** The locale is fixed, so that a cursor means the same on every machine. It gives the order of CLDR's root collation. */
const collator = new Intl.Collator('en-US')

const contactKeys: Readonly<Record<SortField, (node: ContactNode) => readonly string[]>> = {
  // The whole name of a contact is one text, which mostly begins with the first name.
  NAME: ({ displayName }) => texts(displayName),
  LAST_MODIFIED: ({ lastModifiedAt }) => texts(instantOf(lastModifiedAt)),
}

const studentKeys: Readonly<Record<SortField, (node: StudentNode) => readonly string[]>> = {
  NAME: ({ name }) => texts(name.last, name.first, name.middle),
  LAST_MODIFIED: ({ lastModifiedAt }) => texts(instantOf(lastModifiedAt)),
}

export function contactOrder(field: SortField, isDescending: boolean): Order<'contact'> {
  const keyOf = contactKeys[field]
  return { field, isDescending, placeOf: (node) => ({ sortKey: keyOf(node), id: node.id }) }
}

export function studentOrder(field: SortField, isDescending: boolean): Order<'student'> {
  const keyOf = studentKeys[field]
  return { field, isDescending, placeOf: (node) => ({ sortKey: keyOf(node), id: node.id }) }
}

/**
 * Negative if `a` comes before `b`. A record without a sort key comes after all others, and records with equal keys are
 * sorted by id. Descending is the exact reverse.
 */
export function comparePlaces(
  { field, isDescending }: Pick<Order<Role>, 'field' | 'isDescending'>,
  a: Place,
  b: Place,
): number {
  const ascending = compareKeys(field, a.sortKey, b.sortKey) || compareCodes(a.id, b.id)
  return isDescending ? -ascending : ascending
}

function compareKeys(field: SortField, a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return Number(a.length === 0) - Number(b.length === 0)
  const compare = field === 'NAME' ? collator.compare : compareCodes
  for (let i = 0; i < Math.max(a.length, b.length); i += 1) {
    const difference = compare(a[i] ?? '', b[i] ?? '')
    if (difference !== 0) return difference
  }
  return 0
}

function compareCodes(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function texts(...values: readonly (string | undefined)[]): readonly string[] {
  return values.flatMap((value) => value?.slice(0, MAX_SORT_TEXT) || [])
}

/** Instants in one format, regardless of the offset in Clever's text. */
function instantOf(time: string | undefined): string | undefined {
  const milliseconds = Date.parse(time ?? '')
  return Number.isNaN(milliseconds) ? undefined : new Date(milliseconds).toISOString()
}
