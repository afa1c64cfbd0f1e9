import { countBefore, countUpTo, holds, type Identified, type Items } from '../roster/sorted-list.ts'
import { type Answer, failure, json, jsonBytes, type Link } from './answer.ts'
import type { Ask } from './ask.ts'
import type { Effort } from './latency.ts'

const defaultLimit = 100
const maxLimit = 10_000
const START = '{"data":['

/**
 * The meaning of a cursor. `ranges`: a place among the ids. `lookups`: a record of the list; an unknown id is
 * ignored. `lookups-empty`: a record of the list; an unknown id gives an empty page.
 */
export type Cursors = 'ranges' | 'lookups' | 'lookups-empty'

/** What a list reads of a call. */
export type ListAsk = Pick<Ask, 'path' | 'search' | 'query' | 'maxRows'>

export interface ListOptions<T> {
  readonly kind: Effort['kind']
  /** One item of the list, as `rowOf` gives it. */
  row(item: T): Buffer
  /** Default `ranges`. */
  readonly cursors?: Cursors
  /** Seen on the wire for events only: the self link ends in `?` even without a query. */
  readonly hasStrayMark?: true
}

/** One page of `items` (ascending ids) with its links, as the call asks for it; 413 for a limit over 10,000. */
export function listAnswer<T extends Identified>(
  ask: ListAsk,
  items: Items<T>,
  options: ListOptions<T>,
): Answer {
  const asked = readLimit(ask.query)
  if (asked > maxLimit) return failure(413, `limit must not be greater than ${maxLimit}`)
  const limit = Math.min(asked, ask.maxRows)
  const { kind, row, cursors = 'ranges', hasStrayMark } = options
  const isLost = cursors !== 'ranges' && hasUnknownCursor(items, ask.query)
  const query = isLost ? moved(ask.query) : ask.query
  const page = isLost && cursors === 'lookups-empty' ? [] : cut(items, query, limit)
  const mark = ask.search || hasStrayMark ? '?' : ''
  const self = { rel: 'self', uri: `${ask.path}${mark}${ask.search}` }
  const links = [self, ...neighbors({ path: ask.path, query }, page, limit)]
  return jsonBytes(envelope(page.map(row), links), { kind, rows: page.length })
}

/** An item of a list as JSON. `uri` is its path with the version. */
export function rowOf(item: unknown, uri: string): Buffer {
  return Buffer.from(JSON.stringify({ data: item, uri }))
}

/** `{"data":[…],"links":[…]}`. The rows are JSON already, and are copied once. */
function envelope(rows: readonly Buffer[], links: readonly Link[]): Buffer {
  const end = Buffer.from(`],"links":${JSON.stringify(links)}}`)
  const size = rows.reduce((sum, row) => sum + row.length + 1, START.length + end.length)
  const bytes = Buffer.allocUnsafe(size)
  let at = bytes.write(START)
  for (const [index, row] of rows.entries()) {
    if (index > 0) at += bytes.write(',', at)
    at += row.copy(bytes, at)
  }
  return bytes.subarray(0, at + end.copy(bytes, at))
}

/** `count=true` answers with the number alone; other values of `count` were seen to be ignored. */
export function countAnswer(ask: Omit<ListAsk, 'maxRows'>, count: number): Answer | undefined {
  if (ask.query.get('count') !== 'true') return undefined
  const links = [{ rel: 'self', uri: `${ask.path}?${ask.search}` }]
  return json({ count, links }, { kind: 'list' })
}

/** It is not known what Clever does with a limit that is not a positive number. Here the default applies. */
function readLimit(query: URLSearchParams): number {
  const limit = Number(query.get('limit') ?? defaultLimit)
  return Number.isInteger(limit) && limit > 0 ? limit : defaultLimit
}

function hasUnknownCursor(items: Items<Identified>, query: URLSearchParams): boolean {
  const after = query.get('starting_after')
  const before = query.get('ending_before')
  const isUnknown = (cursor: string | null) => cursor !== null && !holds(items, cursor)
  return isUnknown(after) || (before !== 'last' && isUnknown(before))
}

/** Cursors are compared with ids and not looked up, so any text is a valid cursor. */
function cut<T extends Identified>(items: Items<T>, query: URLSearchParams, limit: number): readonly T[] {
  const before = query.get('ending_before')
  if (before !== null) {
    const end = before === 'last' ? items.length : countBefore(items, before)
    return items.slice(Math.max(0, end - limit), end)
  }
  const after = query.get('starting_after')
  const start = after === null ? 0 : countUpTo(items, after)
  return items.slice(start, start + limit)
}

/**
 * Seen on the wire: a full page has `next`, even when nothing follows; `prev` comes with `starting_after`. For
 * pages with `ending_before` the two are swapped, which is assumed and was not recorded.
 */
function neighbors(
  { path, query }: Pick<Ask, 'path' | 'query'>,
  page: readonly Identified[],
  limit: number,
): Link[] {
  const isFull = page.length === limit
  const before = query.get('ending_before')
  const after = query.get('starting_after')
  const isFromBehind = before !== null
  const last = page.at(-1)?.id
  const first = page[0]?.id ?? after

  const hasNext = isFromBehind ? before !== 'last' : isFull
  const hasPrev = isFromBehind ? isFull : after !== null
  const to = (rel: string, cursor: string, id: string) => ({
    rel,
    uri: `${path}?${moved(query, [cursor, id])}`,
  })
  return [
    ...(hasNext && last ? [to('next', 'starting_after', last)] : []),
    ...(hasPrev && first ? [to('prev', 'ending_before', first)] : []),
  ]
}

/** The query with its cursors replaced by this one. */
function moved(query: URLSearchParams, cursor?: readonly [name: string, id: string]): URLSearchParams {
  const params = new URLSearchParams(query)
  params.delete('starting_after')
  params.delete('ending_before')
  if (cursor) params.set(...cursor)
  return params
}
