import { setImmediate as nextTurn } from 'node:timers/promises'
import type { DistrictId } from '../clever/ids.ts'
import type { Role } from '../clever/ranges.ts'
import type { Caller } from '../clever/transport.ts'
import { whileWaiting } from '../clever/while-waiting.ts'
import { notBefore } from '../directory/ages.ts'
import type { District } from '../directory/districts.ts'
import { MISSING } from '../view/missing.ts'
import { Nearest } from '../view/nearest.ts'
import type { Place } from '../view/order.ts'
import type { Request } from '../view/request.ts'
import type { NodeOf, Scanned, ScanRequest, ScanResult } from '../view/scan.ts'
import type { View } from '../view/view.ts'
import { readPage } from './read-page.ts'
import { scan } from './scan.ts'

/** Matches of a count that are named in the audit. */
const MAX_NAMED_MATCHES = 1_000
/** How long matching may hold up the event loop. ms */
const SLICE_MS = 8
/** Records of an own list that are looked at together. */
const CHUNK = 200

interface Match<R extends Role> extends Scanned<R> {
  /** Undefined where the list is in the order of ids. */
  readonly place: Place | undefined
}

/** A record to look at; of a viewer's own list only its id, until a view has the record. */
type Candidate<R extends Role> = (
  view: View,
) => { readonly node: NodeOf<R>; readonly since: number } | undefined

/**
 * Finds a page of matches in a long list, or counts them. Takes slices of 8 ms and yields to the event loop between them. What a
 * test is missing is fetched for a whole chunk of records at once. Throws the CleverErrors and AllowanceSpent.
 */
export async function runScan<R extends Role>(
  request: Request,
  { kind, test, source, reach, ordered }: ScanRequest<R>,
  caller: Caller,
  districtOf: (id: DistrictId) => District | undefined,
): Promise<ScanResult<R>> {
  const { role } = kind
  const found: Scanned<R>[] = []
  const nearest = ordered && new Nearest(ordered)
  let count = 0
  let since = Number.POSITIVE_INFINITY
  const limit = reach?.limit ?? Number.POSITIVE_INFINITY
  const chunks = 'ids' in source ? ownChunks() : districtChunks(districtOf(source.districtId))
  for await (const chunk of chunks) {
    for (const match of await matchesIn(chunk)) {
      count += 1
      if (match.place !== undefined) nearest?.add(match, match.place)
      else if (found.length <= (reach === undefined ? MAX_NAMED_MATCHES : limit)) found.push(match)
    }
    if (count > limit) break
  }
  const oldest = since === Number.POSITIVE_INFINITY ? request.services.clock.now() : since
  if (nearest !== undefined)
    return { records: nearest.records, hasMore: nearest.hasMore, count, since: oldest }
  const records = found.slice(0, reach === undefined ? MAX_NAMED_MATCHES : limit)
  if (reach?.direction === 'backwards') records.reverse()
  return { records, hasMore: count > limit, count, since: oldest }

  async function* ownChunks(): AsyncGenerator<readonly Candidate<R>[]> {
    if (!('ids' in source)) return
    const { direction = 'forwards', beyond } = reach ?? {}
    const ahead = source.ids.filter(
      (id) => beyond === undefined || (direction === 'forwards' ? id > beyond : id < beyond),
    )
    const ids = direction === 'forwards' ? ahead : ahead.toReversed()
    for (let from = 0; from < ids.length; from += CHUNK) {
      yield ids.slice(from, from + CHUNK).map(
        (id): Candidate<R> =>
          (view) => {
            const node = kind.own(view, id)
            return node && { node, since: kind.since(view, node) }
          },
      )
      await whileWaiting(nextTurn(), caller)
    }
  }

  async function* districtChunks(district: District | undefined): AsyncGenerator<readonly Candidate<R>[]> {
    if (district === undefined) return
    const { known, clock } = request.services
    const youngest = notBefore('DISPLAY', known.ages, clock, district.reads.isDown)
    const { direction = 'forwards', beyond } = reach ?? {}
    const from = { role, direction, beyond, readFirst: test.asksFor } as const
    const lists = scan(from, {
      district,
      caller,
      notBefore: youngest,
      known: (range) => district.directory.list(range, youngest),
      read: (range) => readPage(district, range, caller, youngest),
    })
    for await (const { value, since } of lists) {
      yield value.map(
        (record): Candidate<R> =>
          (view) => ({ node: kind.node(view, record, since), since }),
      )
    }
  }

  async function matchesIn(chunk: readonly Candidate<R>[]): Promise<readonly Match<R>[]> {
    const matches: (Match<R> | undefined)[] = []
    let open = chunk.map((candidate, index) => ({ candidate, index }))
    while (open.length > 0) {
      const view = request.newView()
      const missing: typeof open = []
      let startedAt = performance.now()
      for (const { candidate, index } of open) {
        try {
          matches[index] = look(view, candidate)
        } catch (error) {
          if (error !== MISSING) throw error
          missing.push({ candidate, index })
        }
        if (performance.now() - startedAt < SLICE_MS) continue
        await whileWaiting(nextTurn(), caller)
        startedAt = performance.now()
      }
      since = Math.min(since, view.oldest)
      if (missing.length > 0) await request.fetch(view.missing)
      open = missing
    }
    return matches.filter((match) => match !== undefined)
  }

  function look(view: View, candidate: Candidate<R>): Match<R> | undefined {
    const found = candidate(view)
    if (found === undefined) return undefined
    since = Math.min(since, found.since)
    if (!test.passes(view, found.node)) return undefined
    const place = ordered?.order.placeOf(found.node)
    return { record: kind.record(found.node), since: found.since, place }
  }
}
