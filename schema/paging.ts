import type { Page, Reach, Reader, Test } from '../src/access/reader.ts'
import type { CleverClient } from '../src/clever/client.ts'
import { type DistrictId, parseUserId, type UserId } from '../src/clever/ids.ts'
import { all, type MaybePromise, run, wait } from '../src/maybe-promise.ts'
import { findDistrict, onlyDistrict } from './district.ts'
import { badInput } from './errors.ts'
import { given } from './given.ts'

interface PagingArgs {
  readonly first?: number | null | undefined
  readonly last?: number | null | undefined
  readonly after?: string | null | undefined
  readonly before?: string | null | undefined
}

const DEFAULT_SIZE = 25
const LARGEST_SIZE = 100

/** How many records a page may hold: what it costs to select its fields. */
export function pageSize({ first, last }: PagingArgs, largest = LARGEST_SIZE): number {
  return Math.min(first ?? last ?? DEFAULT_SIZE, largest)
}

/** Throws BAD_USER_INPUT. */
function parsePaging({ first, last, ...cursors }: PagingArgs, largest: number): Reach {
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

/** A page of somebody's own list, cut as Clever cuts a district's: by a range of ids. `ids` ascend. */
function cutPage(ids: readonly UserId[], { direction, beyond, limit }: Reach) {
  if (direction === 'forwards') {
    const rest = beyond === undefined ? ids : ids.filter((id) => id > beyond)
    return edgesOf(rest.slice(0, limit), rest.length > limit)
  }
  const rest = beyond === undefined ? ids : ids.filter((id) => id < beyond)
  return edgesOf(rest.slice(-limit), rest.length > limit)
}

function edgesOf(ids: readonly UserId[], hasMore: boolean) {
  return { ids, firstId: ids.at(0), lastId: ids.at(-1), hasMore }
}

/**
 * A cursor stands for a place among the ids, not for a record, so it stays good when the record goes. `countAll` is
 * asked only when somebody selects the count.
 */
function toConnection<Node>(
  reach: Reach,
  page: Page<Node>,
  idOf: (node: Node) => UserId,
  countAll: () => MaybePromise<number | undefined>,
) {
  let count: MaybePromise<number | undefined>
  const hasMoreBehind = reach.beyond !== undefined
  const [hasPreviousPage, hasNextPage] =
    reach.direction === 'forwards' ? [hasMoreBehind, page.hasMore] : [page.hasMore, hasMoreBehind]
  return {
    edges: page.nodes.map((node) => ({ cursor: encodeCursor(idOf(node)), node })),
    pageInfo: {
      hasNextPage,
      hasPreviousPage,
      startCursor: page.firstId === undefined ? null : encodeCursor(page.firstId),
      endCursor: page.lastId === undefined ? null : encodeCursor(page.lastId),
    },
    // Once, however many aliases select it: a list may have to be looked through.
    countAll: () => (count ??= countAll()),
  }
}

/** How lists of one type are read: as a page of the district, or as the principal's own. */
export interface Listing<Node> {
  /** Records on a page; 100 unless told. */
  readonly largest?: number
  readonly idOf: (node: Node) => UserId
  readonly own: (
    reader: Reader,
    districtId: DistrictId | undefined,
    test: Test<Node> | undefined,
  ) => MaybePromise<readonly UserId[] | 'EVERY'>
  readonly one: (reader: Reader, id: UserId) => MaybePromise<Node | undefined>
  readonly inDistrict: (
    reader: Reader,
    district: CleverClient,
    reach: Reach,
    test: Test<Node> | undefined,
  ) => MaybePromise<Page<Node>>
  readonly count: (
    reader: Reader,
    district: CleverClient,
    test: Test<Node> | undefined,
  ) => MaybePromise<number | undefined>
}

/**
 * Somebody's own list is made of what may be seen, and is never a district's page with holes. Undefined for a district
 * that the principal has nothing to do with. `test` leaves out whoever does not pass it. Throws BAD_USER_INPUT and what the reader throws.
 */
export function readConnection<Node>(
  listing: Listing<Node>,
  reader: Reader,
  args: ListArgs,
  test?: Test<Node>,
) {
  return run(connect(listing, reader, args, test))
}

type ListArgs = PagingArgs & { readonly districtId?: string | null | undefined }

function* connect<Node>(listing: Listing<Node>, reader: Reader, args: ListArgs, test?: Test<Node>) {
  const reach = parsePaging(args, listing.largest ?? LARGEST_SIZE)
  const districtId = given(args.districtId)
  const named = districtId === undefined ? undefined : yield* wait(findDistrict(districtId, reader))
  if (districtId !== undefined && named === undefined) return undefined

  const own = yield* wait(listing.own(reader, named?.districtId, test))
  if (own !== 'EVERY') {
    const { ids, ...page } = cutPage(own, reach)
    const found = yield* wait(all(ids.map((id) => listing.one(reader, id))))
    const nodes = found.filter((node) => node !== undefined)
    return toConnection(reach, { ...page, nodes }, listing.idOf, () => own.length)
  }
  const district = named ?? (yield* wait(onlyDistrict(reader)))
  if (district === undefined) return undefined
  const page = yield* wait(listing.inDistrict(reader, district, reach, test))
  return toConnection(reach, page, listing.idOf, () => listing.count(reader, district, test))
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
