import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql'

/** Whether the document, whichever of its operations is meant, selects nothing but the schema itself. */
export function isIntrospection({ definitions }: DocumentNode): boolean {
  return definitions.every(
    (definition) =>
      (definition.kind === Kind.OPERATION_DEFINITION &&
        definition.operation === 'query' &&
        selectsSchemaOnly(definition.selectionSet)) ||
      (definition.kind === Kind.FRAGMENT_DEFINITION && definition.typeCondition.name.value.startsWith('__')),
  )
}

/** A fragment on the root type would have to be looked into; tools that introspect do not write such. */
function selectsSchemaOnly({ selections }: SelectionSetNode): boolean {
  return selections.every(
    (selection) => selection.kind === Kind.FIELD && selection.name.value.startsWith('__'),
  )
}
