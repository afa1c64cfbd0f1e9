import {
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { type Fragments, fragmentsOf } from './fragments.ts'

const STUDENT = 'Student'
const RELATIONSHIPS = 'relationships'

/**
 * Whether the operation selects the relationships of every student that it selects, so that a student and its contacts can
 * be read at the same time. Directives are not considered. The document must be valid. Costs some microseconds.
 */
export function readsRelationships(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): boolean {
  const students = new StudentSelections(schema, fragmentsOf(document))
  const root = schema.getRootType(operation.operation)
  if (root != null) students.walk(operation.selectionSet, root)
  return students.areFound && students.allReadRelationships
}

/** The selections on students of an operation. Each fragment is visited once for each place that matters. */
class StudentSelections {
  areFound = false
  allReadRelationships = true
  readonly #schema: GraphQLSchema
  readonly #fragments: Fragments
  readonly #walked = new Set<string>()

  constructor(schema: GraphQLSchema, fragments: Fragments) {
    this.#schema = schema
    this.#fragments = fragments
  }

  /** `within`: the type of the selections around these, if they are those of a fragment. */
  walk(set: SelectionSetNode, type: GraphQLNamedType, within?: GraphQLNamedType) {
    if (type.name === STUDENT && within?.name !== STUDENT) {
      this.areFound = true
      this.allReadRelationships &&= this.#selectsRelationships(set, new Set())
    }
    for (const selection of set.selections) this.#walkInto(selection, type)
  }

  #walkInto(selection: SelectionNode, type: GraphQLNamedType) {
    if (selection.kind === Kind.FIELD) {
      const field =
        isObjectType(type) || isInterfaceType(type) ? type.getFields()[selection.name.value] : undefined
      if (selection.selectionSet !== undefined && field !== undefined)
        this.walk(selection.selectionSet, getNamedType(field.type))
      return
    }
    if (selection.kind === Kind.FRAGMENT_SPREAD) {
      const place = `${selection.name.value} ${type.name}`
      if (this.#walked.has(place)) return
      this.#walked.add(place)
    }
    const fragment = this.#fragmentOf(selection)
    const name = fragment?.typeCondition?.name.value
    const own = name === undefined ? type : this.#schema.getType(name)
    if (fragment !== undefined && own !== undefined) this.walk(fragment.selectionSet, own, type)
  }

  #selectsRelationships({ selections }: SelectionSetNode, seen: Set<string>): boolean {
    return selections.some((selection) => {
      if (selection.kind === Kind.FIELD) return selection.name.value === RELATIONSHIPS
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        if (seen.has(selection.name.value)) return false
        seen.add(selection.name.value)
      }
      const fragment = this.#fragmentOf(selection)
      return fragment !== undefined && this.#selectsRelationships(fragment.selectionSet, seen)
    })
  }

  #fragmentOf(selection: Exclude<SelectionNode, { kind: Kind.FIELD }>) {
    return selection.kind === Kind.INLINE_FRAGMENT ? selection : this.#fragments.get(selection.name.value)
  }
}
