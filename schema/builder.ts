import SchemaBuilder from '@pothos/core'
import ComplexityPlugin from '@pothos/plugin-complexity'
import DirectivesPlugin from '@pothos/plugin-directives'
import RelayPlugin from '@pothos/plugin-relay'
import type { GatewayContext } from '../src/context.ts'
import type { MaybePromise } from '../src/maybe-promise.ts'
import { queryTooComplex } from './errors.ts'

interface Types {
  Context: GatewayContext
  DefaultFieldNullability: false
  DefaultEdgesNullability: false
  Scalars: {
    ID: { Input: string; Output: string }
    DateTime: { Input: string; Output: string }
    _Any: { Input: unknown; Output: unknown }
  }
  Directives: {
    key: { locations: 'OBJECT'; args: { fields: string } }
    shareable: { locations: 'OBJECT' | 'FIELD_DEFINITION' }
    authenticated: { locations: 'OBJECT' }
    requiresScopes: { locations: 'OBJECT'; args: { scopes: string[][] } }
    tag: { locations: 'OBJECT' | 'FIELD_DEFINITION'; args: { name: string } }
    link: { locations: 'SCHEMA'; args: { url: string; import: string[] } }
  }
  /** What a connection knows beside its page: how to count the whole list, if anybody asks. */
  Connection: { countAll: () => MaybePromise<number | undefined> }
}

/**
 * What a query may ask for at once: a full page of contacts with their students, and those with all their contacts, is
 * well within. What it may cost in calls is limited where they are made.
 */
export const LIMITS = { depth: 15, breadth: 500, complexity: 25_000 }

export const builder = new SchemaBuilder<Types>({
  plugins: [RelayPlugin, ComplexityPlugin, DirectivesPlugin],
  defaultFieldNullability: false,
  directives: { useGraphQLToolsUnorderedDirectives: true },
  complexity: {
    limit: LIMITS,
    // Families are small: a contact has two or three students, a student as many contacts.
    defaultListMultiplier: 3,
    complexityError: (_kind, { depth, breadth, complexity }) =>
      queryTooComplex({ depth, breadth, complexity }, LIMITS),
  },
  relay: {
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    cursorType: 'String',
    edgesFieldOptions: { nullable: false, description: 'The page, each record with its cursor.' },
    nodesOnConnection: { description: 'The page.' },
    nodeFieldOptions: { nullable: false, description: 'The record.' },
    cursorFieldOptions: { description: 'Where the record stands; opaque, for `after` and `before`.' },
    pageInfoFieldOptions: { description: 'Where the page stands in the list.' },
    pageInfoTypeOptions: { description: 'Where a page stands in its list.', directives: { shareable: {} } },
    hasNextPageFieldOptions: { nullable: false, description: 'Whether there is more after this page.' },
    hasPreviousPageFieldOptions: { nullable: false, description: 'Whether there is more before this page.' },
    startCursorFieldOptions: { description: 'Goes into `before` for the page before this one.' },
    endCursorFieldOptions: { description: 'Goes into `after` for the page after this one.' },
    firstArgOptions: {
      description:
        'How many from the beginning, or from `after`; 25 unless told, 100 at most (of `legacyIdMap` 1,000).',
    },
    lastArgOptions: {
      description: 'How many from the end, or before `before`; 100 at most (of `legacyIdMap` 1,000).',
    },
    afterArgOptions: { description: 'Begin after this cursor; goes with `first`.' },
    beforeArgOptions: { description: 'End before this cursor; goes with `last`.' },
  },
})

builder.queryType({ description: 'Guardian contacts of school districts, as Clever knows them.' })

builder.subscriptionType({ description: 'What happens, told as it is heard of.' })

builder.globalConnectionField('totalCount', (t) =>
  t.int({
    nullable: true,
    description:
      'How many there are in all, or null where Clever does not say. Costs one call at most, made when selected; with a filter the whole list is looked through.',
    resolve: ({ countAll }) => countAll(),
  }),
)

/** So that a router can fence as well: what the gateway decides, it decides by itself all the same. */
export const AUTHENTICATED = { name: 'authenticated' as const, args: {} }

/** A service has the first, a person the second: the router takes either. */
export function requiresScopes(service: string, person: string) {
  return { name: 'requiresScopes' as const, args: { scopes: [[service], [person]] } }
}

/** Marks what tells who a person is or how to reach them. */
export const PII: [{ name: 'tag'; args: { name: string } }] = [{ name: 'tag', args: { name: 'pii' } }]

/**
 * Ids are unique over all districts, but naming the district spares the search for it. The longer key comes first, as
 * routers made of graphql-tools take the first that they can fill.
 */
export const KEYS = [
  { name: 'key' as const, args: { fields: 'id districtId' } },
  { name: 'key' as const, args: { fields: 'id' } },
]
