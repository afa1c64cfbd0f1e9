import type { UserId } from '../src/clever/ids.ts'
import { parseUserId } from '../src/clever/ids.ts'
import type { Role } from '../src/clever/ranges.ts'
import type { Page, ViewerList } from '../src/view/lists.ts'
import type { NodeOf, Reach } from '../src/view/scan.ts'
import { badInput } from './errors.ts'
import { given } from './given.ts'

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

/** How many records a page may hold: what it costs to select its fields. */
export function pageSize({ first, last }: PagingArgs, largest = MAX_PAGE_SIZE): number {
  return Math.min(first ?? last ?? DEFAULT_SIZE, largest)
}

/** Throws BAD_USER_INPUT. */
export function parsePaging({ first, last, ...cursors }: PagingArgs, largest = MAX_PAGE_SIZE): Reach {
  const after = given(cursors.after)
  const before = given(cursors.before)
  const isBackwards = last != null || (before !== undefined && first == null)
  if (first != null && last != null) throw badInput('Give `first` or `last`, not both.')
  if (isBackwards && after !== undefined)
    throw badInput('`after` goes with `first`; with `last` give `before`.')
  if (!isBackwards && before !== undefined)
    throw badInput('`before` goes with `last`; with `first` give `after`.')

  const limit = first ?? last ?? DEFAULT_SIZE
  if (limit < 1 || limit > largest) throw badInput(`A page holds 1 to ${largest} records.`)
  const cursor = isBackwards ? before : after
  return {
    direction: isBackwards ? 'backwards' : 'forwards',
    beyond: cursor === undefined ? undefined : decodeCursor(cursor),
    limit,
  }
}

/** What a connection type reads. */
export interface Connection<Node> {
  readonly nodes: readonly Node[]
  readonly edges: readonly { readonly node: Node; readonly cursor: string }[]
  readonly pageInfo: PageInfo
  readonly countAll: () => number | undefined
}

/**
 * One page of a list, shaped like the GraphQL type. A cursor stands for a place among the ids, not for a record, so it stays
 * good when the record goes. Records count as disclosed once `nodes` or `edges` is selected.
 */
export class ListConnection<Node> implements Connection<Node> {
  readonly #reach: Reach
  readonly #page: Page<Node>
  readonly #idOf: (node: Node) => UserId
  readonly #disclose: () => void
  readonly countAll: () => number | undefined

  constructor(
    reach: Reach,
    page: Page<Node>,
    countAll: () => number | undefined,
    idOf: (node: Node) => UserId,
    disclose: () => void = () => {},
  ) {
    this.#reach = reach
    this.#page = page
    this.#idOf = idOf
    this.#disclose = disclose
    this.countAll = countAll
  }

  get nodes(): readonly Node[] {
    this.#disclose()
    return this.#page.nodes
  }

  get edges() {
    return this.nodes.map((node) => ({ node, cursor: encodeCursor(this.#idOf(node)) }))
  }

  get pageInfo(): PageInfo {
    const { firstId, lastId, hasMore } = this.#page
    const hasMoreBehind = this.#reach.beyond !== undefined
    const isForwards = this.#reach.direction === 'forwards'
    return {
      hasNextPage: isForwards ? hasMore : hasMoreBehind,
      hasPreviousPage: isForwards ? hasMoreBehind : hasMore,
      startCursor: firstId === undefined ? null : encodeCursor(firstId),
      endCursor: lastId === undefined ? null : encodeCursor(lastId),
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

/** Throws BAD_USER_INPUT and what the list throws. */
export function connect<R extends Role>(
  list: ViewerList<R> | undefined,
  reach: Reach,
): Connection<NodeOf<R>> | undefined {
  if (list === undefined) return undefined
  const page = list.page(reach)
  return new ListConnection(
    reach,
    page,
    list.count,
    ({ id }) => id,
    () => list.disclose(page),
  )
}

function encodeCursor(id: UserId): string {
  return Buffer.from(id, 'hex').toString('base64url')
}

function decodeCursor(cursor: string): UserId {
  const id = parseUserId(Buffer.from(cursor, 'base64url').toString('hex'))
  if (id === undefined || encodeCursor(id) !== cursor)
    throw badInput('The cursor did not come from this list.')
  return id
}
