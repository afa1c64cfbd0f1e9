import { builder } from './builder.ts'
import type { Connection, PageInfo as PageInfoValue } from './paging.ts'

const PageInfo = builder.objectRef<PageInfoValue>('PageInfo').implement({
  description: 'The position of a page in its list.',
  directives: [{ name: 'shareable', args: {} }],
  fields: (t) => ({
    hasNextPage: t.exposeBoolean('hasNextPage', {
      description: 'Whether there are records after this page.',
    }),
    hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
      description: 'Whether there are records before this page.',
    }),
    startCursor: t.exposeString('startCursor', {
      nullable: true,
      description:
        'The cursor for `before` that leads to the previous page. Null if the list has no records there.',
    }),
    endCursor: t.exposeString('endCursor', {
      nullable: true,
      description:
        'The cursor for `after` that leads to the next page. Null if the list has no records there.',
    }),
  }),
})

type Ref<Node> = ReturnType<ReturnType<typeof builder.objectRef<Node>>['implement']>

/** A connection type of the Relay specification, with `nodes` beside `edges` and a count of the whole list. */
export function connectionType<Node>(name: string, node: Ref<Node>, page: string, edge: string) {
  const Edge = builder.objectRef<{ readonly node: Node; readonly cursor: string }>(`${name}Edge`).implement({
    description: edge,
    fields: (t) => ({
      node: t.field({
        type: node,
        nullable: true,
        description: 'The record. Null only in a supergraph, if another subgraph fails for it.',
        resolve: (edge) => edge.node as never,
      }),
      cursor: t.exposeString('cursor', {
        description: 'The position of the record in the list, for `after` and `before`. It is opaque.',
      }),
    }),
  })
  return builder.objectRef<Connection<Node>>(`${name}Connection`).implement({
    description: page,
    fields: (t) => ({
      pageInfo: t.expose('pageInfo', {
        type: PageInfo,
        description: 'The position of the page in the list.',
      }),
      edges: t.expose('edges', {
        type: [Edge],
        nullable: { list: false, items: true },
        description:
          'The records of the page, each with its cursor. An item is null only in a supergraph, if another subgraph fails for it.',
      }),
      nodes: t.field({
        type: [node],
        nullable: { list: false, items: true },
        description:
          'The records of the page. An item is null only in a supergraph, if another subgraph fails for it.',
        resolve: (connection) => connection.nodes,
      }),
      totalCount: t.int({
        nullable: true,
        description:
          'The number of records in the whole list. Null if Clever does not report it. Cost: one call at most; with a filter, a scan of the whole list.',
        resolve: (connection) => connection.countAll(),
      }),
    }),
  })
}

/** The arguments that choose a page. */
export const pagingArguments = builder.args((t) => ({
  before: t.string({ description: 'A cursor that the page ends before. It goes with `last`.' }),
  after: t.string({ description: 'A cursor that the page begins after. It goes with `first`.' }),
  first: t.int({
    description:
      'The number of records from the beginning, or after `after`. The default is 25. The maximum is 100, and 1,000 for `cleverLegacyIds`.',
  }),
  last: t.int({
    description:
      'The number of records from the end, or before `before`. The maximum is 100, and 1,000 for `cleverLegacyIds`.',
  }),
}))
