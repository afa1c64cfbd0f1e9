import { attempt } from '../src/view/attempt.ts'
import type { View } from '../src/view/view.ts'
import { builder } from './builder.ts'
import { Contact, readContact } from './contact.ts'
import { District, readDistrict } from './district.ts'
import { badInput, routerOnly } from './errors.ts'
import { DEFAULT_FEDERATION_VERSION, federationLink } from './federation-version.ts'
import { readSchool, School } from './school.ts'
import { printSubgraph } from './sdl.ts'
import { readStudent, Student } from './student.ts'
import { readRelationship, StudentRelationship } from './student-relationship.ts'

export const schemaDirectives = { link: federationLink(DEFAULT_FEDERATION_VERSION) }

const MAX_REPRESENTATIONS = 1_000

interface Representation {
  readonly __typename: string
  readonly id: string
  readonly districtId?: string | null | undefined
}

/** The readers of the queries, so that a request of a router has the same limits and decisions. */
const READERS: Readonly<Record<string, (key: Representation, view: View) => Entity | undefined>> = {
  Student: readStudent,
  Contact: readContact,
  StudentRelationship: readRelationship,
  District: readDistrict,
  School: readSchool,
}

builder.scalarType('_Any', {
  description: 'The representation of an entity: its `__typename` and the fields of one of its keys.',
  serialize: (value) => value,
})

type Entity =
  | typeof Student.$inferType
  | typeof Contact.$inferType
  | typeof StudentRelationship.$inferType
  | typeof District.$inferType
  | typeof School.$inferType

const EntityUnion = builder.unionType('_Entity', {
  description: 'An entity that other subgraphs refer to by key.',
  types: [Student, Contact, StudentRelationship, District, School],
  resolveType: (entity) => ('__typename' in entity ? entity.__typename : 'District'),
})

const Service = builder.objectRef<object>('_Service').implement({
  description: 'The subgraph that a supergraph is composed from.',
  fields: (t) => ({
    sdl: t.string({
      description: 'The schema with its federation directives.',
      resolve: (_service, _args, _context, { schema }) => printSubgraph(schema),
    }),
  }),
})

builder.queryFields((t) => ({
  _service: t.field({
    type: Service,
    description: 'The subgraph that a supergraph is composed from. Only the router may ask for it.',
    resolve: (_query, _args, { request }) => {
      if (!request.context.isFromRouter) throw routerOnly()
      return {}
    },
  }),
  _entities: t.field({
    type: [EntityUnion],
    nullable: { list: false, items: true },
    description:
      'The entities with these keys, in the same order, for a router. An item is null if the entity does not exist, or if the viewer may not see it. Cost: as for a query of each entity by its key.',
    args: { representations: t.arg({ type: ['_Any'], required: true, description: 'The keys.' }) },
    complexity: ({ representations }) => ({ field: 1, multiplier: representations.length }),
    resolve: (_query, { representations }, view) => {
      if (!view.request.context.isFromRouter) throw routerOnly()
      if (representations.length > MAX_REPRESENTATIONS) {
        throw badInput(
          `\`representations\` has more than ${MAX_REPRESENTATIONS} items. Use several requests.`,
        )
      }
      return representations.map((each) => attempt(() => readEntity(each, view)) as Entity | undefined)
    },
  }),
}))

function readEntity(json: unknown, view: View): Entity | undefined {
  if (!isRepresentation(json))
    throw badInput('A representation lacks `__typename` or a field of a key. Add it.')
  const read = Object.hasOwn(READERS, json.__typename) ? READERS[json.__typename] : undefined
  if (read === undefined)
    throw badInput(
      'The `__typename` of a representation is not an entity of this subgraph. Check the composition of the supergraph.',
    )
  return read(json, view)
}

function isRepresentation(json: unknown): json is Representation {
  if (typeof json !== 'object' || json === null) return false
  const { __typename, id, districtId } = json as Record<string, unknown>
  return (
    typeof __typename === 'string' &&
    typeof id === 'string' &&
    (districtId == null || typeof districtId === 'string')
  )
}
