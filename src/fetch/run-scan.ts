import { setImmediate as nextTurn } from 'node:timers/promises'
import type { CallContext } from '../clever/transport.ts'
import { waitWithSignal } from '../clever/wait-with-signal.ts'
import type { District } from '../districts.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import type { Role } from '../model/ranges.ts'
import { minAsOf } from '../store/ages.ts'
import { MISSING } from '../view/missing.ts'
import { Nearest } from '../view/nearest.ts'
import type { Place } from '../view/order.ts'
import type { Request } from '../view/request.ts'
import type { NodeOf, Scanned, ScanRequest, ScanResult } from '../view/scan.ts'
import type { View } from '../view/view.ts'
import { readPage } from './read-page.ts'
import { scan } from './scan.ts'

/** The number of matches of a count that the audit names. */
const MAX_NAMED_MATCHES = 1_000
/** How long matching may block the event loop. ms */
const SLICE_MS = 8
/** How many records of the viewer's own list are examined together. */
const CHUNK = 200

interface Match<R extends Role> extends Scanned<R> {
  /** Undefined if the list is in the order of ids. */
  readonly place: Place | undefined
}

/** A record to look at; of a viewer's own list only its id, until a view has the record. */
type Candidate<R extends Role> = (
  view: View,
) => { readonly node: NodeOf<R>; readonly asOf: number } | undefined

/**
 * Finds a page of matches in a long list, or counts them. Takes slices of 8 ms and yields to the event loop
 * between them. Fetches the missing values of a whole chunk of records at once. Throws the CleverErrors and
 * CallAllowanceExceeded.
 */
export function runScan<R extends Role>(
  request: Request,
  scanned: ScanRequest<R>,
  callContext: CallContext,
  districtOf: (id: DistrictId) => District | undefined,
): Promise<ScanResult<R>> {
  return new ScanRun(request, scanned, callContext).run(districtOf)
}

class ScanRun<R extends Role> {
  readonly #request: Request
  readonly #scanned: ScanRequest<R>
  readonly #callContext: CallContext
  /** When the oldest record that was looked at was read. ms since the epoch */
  #asOf = Number.POSITIVE_INFINITY

  constructor(request: Request, scanned: ScanRequest<R>, callContext: CallContext) {
    this.#request = request
    this.#scanned = scanned
    this.#callContext = callContext
  }

  async run(districtOf: (id: DistrictId) => District | undefined): Promise<ScanResult<R>> {
    const { source, cursorRange, ordered } = this.#scanned
    const found: Scanned<R>[] = []
    const nearest = ordered && new Nearest(ordered)
    const limit = cursorRange?.limit ?? Number.POSITIVE_INFINITY
    const chunks =
      'ids' in source ? this.#ownChunks(source.ids) : this.#districtChunks(districtOf(source.districtId))
    let count = 0
    for await (const chunk of chunks) {
      for (const match of await this.#matchesIn(chunk)) {
        count += 1
        if (match.place !== undefined) nearest?.add(match, match.place)
        else if (found.length <= (cursorRange === undefined ? MAX_NAMED_MATCHES : limit)) found.push(match)
      }
      if (count > limit) break
    }
    const asOf = this.#asOf === Number.POSITIVE_INFINITY ? this.#request.services.clock.now() : this.#asOf
    if (nearest !== undefined) return { records: nearest.records, hasMore: nearest.hasMore, count, asOf }
    const records = found.slice(0, cursorRange === undefined ? MAX_NAMED_MATCHES : limit)
    if (cursorRange?.direction === 'backwards') records.reverse()
    return { records, hasMore: count > limit, count, asOf }
  }

  async *#ownChunks(allIds: readonly UserId[]): AsyncGenerator<readonly Candidate<R>[]> {
    const { kind, cursorRange } = this.#scanned
    const { direction = 'forwards', beyond } = cursorRange ?? {}
    const ahead = allIds.filter(
      (id) => beyond === undefined || (direction === 'forwards' ? id > beyond : id < beyond),
    )
    const ids = direction === 'forwards' ? ahead : ahead.toReversed()
    for (let from = 0; from < ids.length; from += CHUNK) {
      yield ids.slice(from, from + CHUNK).map(
        (id): Candidate<R> =>
          (view) => {
            const node = kind.own(view, id)
            return node && { node, asOf: kind.asOf(view, node) }
          },
      )
      await waitWithSignal(nextTurn(), this.#callContext)
    }
  }

  async *#districtChunks(district: District | undefined): AsyncGenerator<readonly Candidate<R>[]> {
    if (district === undefined) return
    const { kind, test, cursorRange } = this.#scanned
    const { districts, clock } = this.#request.services
    const callContext = this.#callContext
    const youngest = minAsOf('DISPLAY', districts.ages, clock, district.reader.isDown)
    const { direction = 'forwards', beyond } = cursorRange ?? {}
    const from = { role: kind.role, direction, beyond, readFirst: test.neededRoles } as const
    const lists = scan(from, {
      district,
      callContext,
      minAsOf: youngest,
      known: (range) => district.store.list(range, youngest),
      read: (range) => readPage(district, range, callContext, youngest),
    })
    for await (const { value, asOf } of lists) {
      yield value.map(
        (record): Candidate<R> =>
          (view) => ({ node: kind.node(view, record, asOf), asOf }),
      )
    }
  }

  async #matchesIn(chunk: readonly Candidate<R>[]): Promise<readonly Match<R>[]> {
    const matches: (Match<R> | undefined)[] = []
    let open = chunk.map((candidate, index) => ({ candidate, index }))
    while (open.length > 0) {
      const view = this.#request.newView()
      const missing: typeof open = []
      let startedAt = performance.now()
      for (const { candidate, index } of open) {
        try {
          matches[index] = this.#look(view, candidate)
        } catch (error) {
          if (error !== MISSING) throw error
          missing.push({ candidate, index })
        }
        if (performance.now() - startedAt < SLICE_MS) continue
        await waitWithSignal(nextTurn(), this.#callContext)
        startedAt = performance.now()
      }
      this.#asOf = Math.min(this.#asOf, view.oldestAsOf)
      if (missing.length > 0) await this.#request.fetch(view.missing)
      open = missing
    }
    return matches.filter((match) => match !== undefined)
  }

  #look(view: View, candidate: Candidate<R>): Match<R> | undefined {
    const { kind, test, ordered } = this.#scanned
    const found = candidate(view)
    if (found === undefined) return undefined
    this.#asOf = Math.min(this.#asOf, found.asOf)
    if (!test.matches(view, found.node)) return undefined
    const place = ordered?.order.placeOf(found.node)
    return { record: kind.record(found.node), asOf: found.asOf, place }
  }
}
