import type { UserId } from '../src/model/ids.ts'
import { parseUserId } from '../src/model/ids.ts'
import type { Role } from '../src/model/ranges.ts'
import type { ViewerList } from '../src/view/lists.ts'
import type { CursorRange, NodeOf } from '../src/view/scan.ts'
import { given } from './blank-arguments.ts'
import { badInput } from './errors.ts'

export interface PagingArgs {
  readonly first?: number | null | undefined
  readonly last?: number | null | undefined
  readonly after?: string | null | undefined
  readonly before?: string | null | undefined
}

export interface PageInfo {
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
  readonly startCursor: string | null
  readonly endCursor: string | null
}

const DEFAULT_SIZE = 25
export const MAX_PAGE_SIZE = 100

/** The maximum number of records on a page, for the complexity of its fields. */
export function pageSize({ first, last }: PagingArgs, largest = MAX_PAGE_SIZE): number {
  return Math.min(first ?? last ?? DEFAULT_SIZE, largest)
}

/** Which records of a list a page has. `beyond`: the position that its cursor stands for. */
interface PageReach<Beyond> {
  readonly direction: CursorRange['direction']
  readonly beyond: Beyond | undefined
  readonly limit: number
}

/** Throws BAD_USER_INPUT and the errors of `decode`. */
export function parsePaging<Beyond>(
  { first, last, ...cursors }: PagingArgs,
  largest: number,
  decode: (cursor: string) => Beyond,
): PageReach<Beyond> {
  const after = given(cursors.after)
  const before = given(cursors.before)
  const isBackwards = last != null || (before !== undefined && first == null)
  if (first != null && last != null) throw badInput('`first` and `last` exclude each other. Use one of them.')
  if (isBackwards && after !== undefined) throw badInput('`after` needs `first`. With `last`, use `before`.')
  if (!isBackwards && before !== undefined)
    throw badInput('`before` needs `last`. With `first`, use `after`.')

  const limit = first ?? last ?? DEFAULT_SIZE
  if (limit < 1 || limit > largest)
    throw badInput(`\`first\` or \`last\` is out of range. Use 1 to ${largest}.`)
  const cursor = isBackwards ? before : after
  return {
    direction: isBackwards ? 'backwards' : 'forwards',
    beyond: cursor === undefined ? undefined : decode(cursor),
    limit,
  }
}

/** The value behind a connection type. */
export interface Connection<Node> {
  readonly nodes: readonly Node[]
  readonly edges: readonly { readonly node: Node; readonly cursor: string }[]
  readonly pageInfo: PageInfo
  readonly countAll: () => number | undefined
}

/** A page with its cursors. */
export interface PageOf<Node> {
  readonly nodes: readonly Node[]
  readonly hasMore: boolean
  readonly startCursor: string | undefined
  readonly endCursor: string | undefined
  cursorOf(node: Node): string
  disclose(): void
}

/**
 * One page of a list, in the shape of the GraphQL type. A cursor is a position among the ids and not a record, so it stays
 * valid when the record is deleted. Records count as disclosed once `nodes` or `edges` is selected.
 */
export class ListConnection<Node> implements Connection<Node> {
  readonly #reach: PageReach<unknown>
  readonly #page: PageOf<Node>
  readonly countAll: () => number | undefined

  constructor(reach: PageReach<unknown>, page: PageOf<Node>, countAll: () => number | undefined) {
    this.#reach = reach
    this.#page = page
    this.countAll = countAll
  }

  get nodes(): readonly Node[] {
    this.#page.disclose()
    return this.#page.nodes
  }

  get edges() {
    return this.nodes.map((node) => ({ node, cursor: this.#page.cursorOf(node) }))
  }

  get pageInfo(): PageInfo {
    const { startCursor, endCursor, hasMore } = this.#page
    const hasMoreBehind = this.#reach.beyond !== undefined
    const isForwards = this.#reach.direction === 'forwards'
    return {
      hasNextPage: isForwards ? hasMore : hasMoreBehind,
      hasPreviousPage: isForwards ? hasMoreBehind : hasMore,
      startCursor: startCursor ?? null,
      endCursor: endCursor ?? null,
    }
  }
}

/** The same page with other nodes. */
export function mapConnection<Node, To>(
  connection: Connection<Node>,
  to: (node: Node) => To,
): Connection<To> {
  return {
    get nodes() {
      return connection.nodes.map(to)
    },
    get edges() {
      return connection.edges.map(({ node, cursor }) => ({ node: to(node), cursor }))
    },
    pageInfo: connection.pageInfo,
    countAll: connection.countAll,
  }
}

/** Throws BAD_USER_INPUT and the errors of the list. */
export function connect<R extends Role>(
  list: ViewerList<R> | undefined,
  reach: CursorRange,
): Connection<NodeOf<R>> | undefined {
  if (list === undefined) return undefined
  const page = list.page(reach)
  const { nodes, hasMore, firstId, lastId } = page
  return new ListConnection(
    reach,
    {
      nodes,
      hasMore,
      startCursor: firstId && encodeCursor(firstId),
      endCursor: lastId && encodeCursor(lastId),
      cursorOf: ({ id }) => encodeCursor(id),
      disclose: () => list.disclose(page),
    },
    list.count,
  )
}

/** A shorter form of an id. */
function encodeCursor(id: UserId): string {
  return Buffer.from(id, 'hex').toString('base64url')
}

/** Throws BAD_USER_INPUT. */
export function decodeCursor(cursor: string): UserId {
  const id = parseUserId(Buffer.from(cursor, 'base64url').toString('hex'))
  if (id === undefined || encodeCursor(id) !== cursor)
    throw badInput('The cursor is not from this list. Use `startCursor` or `endCursor` of one of its pages.')
  return id
}
