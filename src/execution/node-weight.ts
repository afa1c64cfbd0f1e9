import { type DocumentNode, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql'
import { type Fragments, fragmentsOf } from './fragments.ts'

/** Fields of one object that cost about as much as the object itself. */
const FIELDS_PER_NODE = 10

/** The selections of each field, by the name that the field has in the answer. */
type Fields = Map<string, SelectionSetNode[]>

/**
 * The weight of a node of the answer: 1, or more if the operation selects more than ten fields of one object,
 * such as one field under a hundred aliases. The time and memory that an answer takes grow with its fields.
 * The document must be valid.
 */
export function nodeWeight(document: DocumentNode, operation: OperationDefinitionNode): number {
  return Math.max(widest([operation.selectionSet], fragmentsOf(document)) / FIELDS_PER_NODE, 1)
}

/**
 * The highest number of fields that one object has in the answer. Selections of the same field are merged, as
 * the execution does.
 */
function widest(sets: readonly SelectionSetNode[], fragments: Fragments): number {
  const fields: Fields = new Map()
  for (const set of sets) collect(set, fragments, fields)
  let max = fields.size
  for (const below of fields.values()) if (below.length > 0) max = Math.max(max, widest(below, fragments))
  return max
}

function collect({ selections }: SelectionSetNode, fragments: Fragments, fields: Fields) {
  for (const selection of selections) {
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const fragment = fragments.get(selection.name.value)
      if (fragment !== undefined) collect(fragment.selectionSet, fragments, fields)
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      collect(selection.selectionSet, fragments, fields)
    } else {
      const name = (selection.alias ?? selection.name).value
      const below = fields.get(name) ?? []
      fields.set(name, below)
      if (selection.selectionSet !== undefined) below.push(selection.selectionSet)
    }
  }
}
