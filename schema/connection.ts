import { builder } from './builder.ts'
import type { Connection, PageInfo as PageInfoValue } from './paging.ts'

const PageInfo = builder.objectRef<PageInfoValue>('PageInfo').implement({
  description: 'Where a page stands in its list.',
  directives: [{ name: 'shareable', args: {} }],
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', { description: 'Whether there is more after this page.' }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      description: 'Whether there is more before this page.',
    }),
    startCursor: t.exposeString('startCursor', {
      nullable: true,
      description: 'Goes into `before` for the page before this one.',
    }),
    endCursor: t.exposeString('endCursor', {
      nullable: true,
      description: 'Goes into `after` for the page after this one.',
    }),
  }),
})

type Ref<Node> = ReturnType<ReturnType<typeof builder.objectRef<Node>>['implement']>

/** A connection type by the Relay specification, with `nodes` beside `edges` and a count of the whole list. */
export function connectionType<Node>(name: string, node: Ref<Node>, page: string, edge: string) {
  const Edge = builder.objectRef<{ readonly node: Node; readonly cursor: string }>(`${name}Edge`).implement({
    description: edge,
    fields: (t) => ({
      node: t.field({
        type: node,
        nullable: true,
        description: 'The record.',
        resolve: (edge) => edge.node as never,
      }),
      cursor: t.exposeString('cursor', {
        description: 'Where the record stands; opaque, for `after` and `before`.',
      }),
    }),
  })
  return builder.objectRef<Connection<Node>>(`${name}Connection`).implement({
    description: page,
    fields: (t) => ({
      pageInfo: t.expose('pageInfo', { type: PageInfo, description: 'Where the page stands in the list.' }),
      edges: t.expose('edges', {
        type: [Edge],
        nullable: { list: false, items: true },
        description: 'The page, each record with its cursor.',
      }),
      nodes: t.field({
        type: [node],
        nullable: { list: false, items: true },
        description: 'The page.',
        resolve: (connection) => connection.nodes,
      }),
      totalCount: t.int({
        nullable: true,
        description:
          'How many there are in all, or null where Clever does not say. Costs one call at most, made when selected; with a filter the whole list is looked through.',
        resolve: (connection) => connection.countAll(),
      }),
    }),
  })
}

/** The arguments that choose a page. */
export const pagingArguments = builder.args((t) => ({
  before: t.string({ description: 'End before this cursor; goes with `last`.' }),
  after: t.string({ description: 'Begin after this cursor; goes with `first`.' }),
  first: t.int({
    description:
      'How many from the beginning, or from `after`; 25 unless told, 100 at most (of `cleverLegacyIds` 1,000).',
  }),
  last: t.int({
    description: 'How many from the end, or before `before`; 100 at most (of `cleverLegacyIds` 1,000).',
  }),
}))
