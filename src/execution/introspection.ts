import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql'

/** Whether every operation of the document selects only introspection fields. */
export function isIntrospection({ definitions }: DocumentNode): boolean {
  return definitions.every(
    (definition) =>
      (definition.kind === Kind.OPERATION_DEFINITION &&
        definition.operation === 'query' &&
        selectsSchemaOnly(definition.selectionSet)) ||
      (definition.kind === Kind.FRAGMENT_DEFINITION && definition.typeCondition.name.value.startsWith('__')),
  )
}

/** Fragments on the root type are not examined, because introspection tools do not use them. */
function selectsSchemaOnly({ selections }: SelectionSetNode): boolean {
  return selections.every(
    (selection) => selection.kind === Kind.FIELD && selection.name.value.startsWith('__'),
  )
}
