import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type ListValueNode,
  parse,
  visit,
} from 'graphql'

/** A service has the first scope, a person has the second. The router accepts either. */
type Scopes = readonly [service: string, person: string]

const SIGNED_IN = undefined
const STUDENTS: Scopes = ['students:read', 'students:own']
const CONTACTS: Scopes = ['contacts:read', 'contacts:own']

/** The scopes that the fields of each entity require. Every entity has an entry. */
export const FENCED_ENTITIES: Readonly<Record<string, Scopes | typeof SIGNED_IN>> = {
  Student: STUDENTS,
  Contact: CONTACTS,
  StudentRelationship: CONTACTS,
  District: SIGNED_IN,
  School: SIGNED_IN,
}

/** The scopes that root fields require. Every other root field requires a signed-in viewer. */
const FENCED_ROOTS: Readonly<Record<string, Scopes>> = {
  contact: CONTACTS,
  contacts: CONTACTS,
  contactByLegacyId: CONTACTS,
  studentRelationships: CONTACTS,
  contactChanges: CONTACTS,
  student: STUDENTS,
  students: STUDENTS,
  studentByLegacyId: STUDENTS,
}

/** The fields of keys stay open, because other subgraphs have them too and would be fenced as well. */
const KEY_FIELDS = new Set(['id', 'districtId'])

/**
 * The same subgraph for routers that enforce `@authenticated` and `@requiresScopes`. The directives are on fields, so that
 * they do not fence the fields that other subgraphs add to the entities. The gateway itself decides without them.
 */
export function withFences(subgraph: DocumentNode): DocumentNode {
  return visit(subgraph, {
    SchemaDefinition: (node) => visit(node, { ListValue: importFences }),
    ObjectTypeDefinition: (node) => ({
      ...node,
      fields: node.fields?.map((field) => fenced(node.name.value, field)),
    }),
  })
}

function importFences(imported: ListValueNode): ListValueNode {
  const fences = ['@authenticated', '@requiresScopes'].map((value) => ({ kind: Kind.STRING as const, value }))
  return { ...imported, values: [...imported.values, ...fences] }
}

function fenced(type: string, field: FieldDefinitionNode): FieldDefinitionNode {
  const name = field.name.value
  if (type === 'Query' || type === 'Subscription') return withDirectives(field, FENCED_ROOTS[name])
  if (!Object.hasOwn(FENCED_ENTITIES, type) || KEY_FIELDS.has(name)) return field
  return withDirectives(field, FENCED_ENTITIES[type])
}

function withDirectives(field: FieldDefinitionNode, scopes: Scopes | undefined): FieldDefinitionNode {
  const text =
    scopes === undefined
      ? '@authenticated'
      : `@authenticated @requiresScopes(scopes: [${scopes.map((scope) => `["${scope}"]`).join(', ')}])`
  return { ...field, directives: [...(field.directives ?? []), ...parseDirectives(text)] }
}

function parseDirectives(text: string): readonly ConstDirectiveNode[] {
  const [definition] = parse(`scalar S ${text}`, { noLocation: true }).definitions
  return definition?.kind === Kind.SCALAR_TYPE_DEFINITION ? (definition.directives ?? []) : []
}
