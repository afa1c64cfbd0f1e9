import { type DocumentNode, Kind, type SelectionSetNode } from 'graphql'

/** Root fields that show the schema and nothing else, besides those of introspection itself. */
export type SchemaFields = ReadonlySet<string>

/** Whether every operation of the document selects only introspection fields and `schemaFields`. */
export function isIntrospection({ definitions }: DocumentNode, schemaFields: SchemaFields): boolean {
  return definitions.every(
    (definition) =>
      (definition.kind === Kind.OPERATION_DEFINITION &&
        definition.operation === 'query' &&
        selectsSchemaOnly(definition.selectionSet, schemaFields)) ||
      (definition.kind === Kind.FRAGMENT_DEFINITION && definition.typeCondition.name.value.startsWith('__')),
  )
}

/** Fragments on the root type are not examined, because introspection tools do not use them. */
function selectsSchemaOnly({ selections }: SelectionSetNode, schemaFields: SchemaFields): boolean {
  return selections.every(
    (selection) =>
      selection.kind === Kind.FIELD &&
      (selection.name.value.startsWith('__') || schemaFields.has(selection.name.value)),
  )
}
