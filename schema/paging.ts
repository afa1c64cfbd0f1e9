import type { CleverClient, Range, RangePage } from '../src/clever/client.ts'
import { parseUserId, type UserId } from '../src/clever/ids.ts'
import type { GatewayContext } from '../src/context.ts'
import { badInput } from './errors.ts'

interface PagingArgs {
  readonly first?: number | null | undefined
  readonly last?: number | null | undefined
  readonly after?: string | null | undefined
  readonly before?: string | null | undefined
}

const DEFAULT_SIZE = 25
export const LARGEST_SIZE = 100

/**
 * One page of a district's users of one role, in the order of their ids: one call. A cursor stands for a place among
 * the ids, not for a record, so it stays good when the record goes. Throws BAD_USER_INPUT and the CleverErrors.
 */
export async function readPage<Node extends { readonly id: UserId }>(
  { loaders }: GatewayContext,
  client: CleverClient,
  role: Range['role'],
  args: PagingArgs,
  nodeOf: (user: RangePage['users'][number]) => Node | undefined,
) {
  const range = { role, ...parsePaging(args) }
  const page = await loaders.range(client, range)
  const nodes = page.users.map(nodeOf).filter((node) => node !== undefined)
  const hasMoreBehind = range.beyond !== undefined
  const [hasPreviousPage, hasNextPage] =
    range.direction === 'forwards' ? [hasMoreBehind, page.hasMore] : [page.hasMore, hasMoreBehind]
  return {
    edges: nodes.map((node) => ({ cursor: encodeCursor(node.id), node })),
    pageInfo: {
      hasNextPage,
      hasPreviousPage,
      startCursor: page.firstId === undefined ? null : encodeCursor(page.firstId),
      endCursor: page.lastId === undefined ? null : encodeCursor(page.lastId),
    },
    countAll: () => loaders.count(client, role),
  }
}

/** How many records a page may hold: what it costs to select its fields. */
export function pageSize({ first, last }: PagingArgs): number {
  return Math.min(first ?? last ?? DEFAULT_SIZE, LARGEST_SIZE)
}

function parsePaging({ first, last, after, before }: PagingArgs): Omit<Range, 'role'> {
  const isBackwards = last != null || (before != null && first == null)
  if (first != null && last != null) throw badInput('Give `first` or `last`, not both.')
  if (isBackwards && after != null) throw badInput('`after` goes with `first`; with `last` give `before`.')
  if (!isBackwards && before != null) throw badInput('`before` goes with `last`; with `first` give `after`.')

  const limit = first ?? last ?? DEFAULT_SIZE
  if (limit < 1 || limit > LARGEST_SIZE) throw badInput(`A page holds 1 to ${LARGEST_SIZE} records.`)
  const cursor = isBackwards ? before : after
  return {
    direction: isBackwards ? 'backwards' : 'forwards',
    beyond: cursor == null ? undefined : decodeCursor(cursor),
    limit,
  }
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
