import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Clock } from '../../src/clock.ts'
import { type FullLoadOptions, fullLoad } from '../../src/fetch/full-load.ts'
import type { UserEvent } from '../../src/model/events.ts'
import { parseUserId, type UserId } from '../../src/model/ids.ts'
import type { Range, RangePage } from '../../src/model/ranges.ts'
import type { UserRecord } from '../../src/model/records.ts'
import { DistrictStore } from '../../src/store/district-store.ts'
import { DISTRICT, pageOf, type Roster, userOf } from '../sync/world.ts'

const STUDENT = { isStudent: true, contactOf: undefined }

export function idAt(position: bigint): UserId {
  const id = parseUserId(position.toString(16).padStart(24, '0'))
  if (id === undefined) throw new Error('no id')
  return id
}

export function studentWith(id: UserId, version: number): UserRecord {
  const user = userOf(0, STUDENT, version)
  return { ...user, id, student: user.student && { ...user.student, id } }
}

interface Call {
  readonly range: Range
  readonly sentAt: number
  readonly answer: PromiseWithResolvers<RangePage>
  page: RangePage | undefined
}

export interface SimulatedLoadOptions {
  readonly ids: readonly bigint[]
  readonly pageRows: number
  /** Clever returns at most this many rows. */
  readonly maxRows?: number
  readonly expectedRows?: number | undefined
  readonly counts?: boolean
  readonly ranges?: FullLoadOptions['ranges']
  /** What Clever does to a call, by its place in the order of the calls. */
  readonly fault?: (call: number, range: Range) => Error | Partial<RangePage> | undefined
  /** Chooses what happens next: a number for each step. */
  readonly choices?: readonly number[]
  /** A record that comes, changes or goes at a step. */
  readonly changes?: readonly (readonly [step: number, position: bigint, comes: boolean])[]
  /** How many steps after a change its event is applied, at the latest when the load has ended; no events without it. */
  readonly eventsAfter?: number | undefined
  readonly onCall?: () => void
  /** Called after each page was stored. */
  readonly onStored?: (store: DistrictStore) => void
}

/** A full load into a real store, from a Clever that answers calls in any order while its records change. */
export function simulateLoad(options: SimulatedLoadOptions) {
  const { ids, pageRows, maxRows, counts = true, fault = () => undefined } = options
  const { eventsAfter } = options
  const { choices = [0], changes = [], onStored = () => {}, onCall = () => {} } = options
  let now = 1_000
  const clock: Clock = {
    now: () => now,
    elapsed: () => now,
    sleep: () => Promise.reject(new Error('asleep')),
    timeout: () => new AbortController().signal,
  }
  const store = new DistrictStore(DISTRICT, clock)
  let roster: Roster = new Map(ids.map(idAt).map((id) => [id, studentWith(id, 0)]))
  const past = [{ from: 0, roster }]
  const underWay: Call[] = []
  const result = { calls: 0, atOnce: 0, callsAfterFailure: 0, hasFailed: false, store, past }

  async function read(range: Range): Promise<RangePage> {
    const n = result.calls
    result.calls += 1
    onCall()
    if (result.hasFailed) result.callsAfterFailure += 1
    const call: Call = { range, sentAt: now, answer: Promise.withResolvers(), page: undefined }
    underWay.push(call)
    result.atOnce = Math.max(result.atOnce, underWay.length)
    const page = await call.answer.promise
    const odd = fault(n, range)
    if (odd instanceof Error) {
      result.hasFailed = true
      throw odd
    }
    const read = { ...page, ...odd }
    store.putRange(range, read, call.sentAt)
    onStored(store)
    return read
  }

  /** Clever makes the page at one moment, and its answer arrives at a later one. */
  function step(choice: number) {
    now += 1
    const call = underWay[choice % Math.max(underWay.length, 1)]
    if (call === undefined) return
    if (call.page === undefined) {
      call.page = pageOf(roster, call.range, maxRows)
      return
    }
    underWay.splice(underWay.indexOf(call), 1)
    call.answer.resolve(call.page)
  }

  function change(position: bigint, comes: boolean): UserEvent {
    const id = idAt(position)
    const next = new Map(roster)
    const before = roster.get(id)
    const user = studentWith(id, now)
    if (comes) next.set(id, user)
    else next.delete(id)
    roster = next
    past.push({ from: now, roster })
    const kind = comes ? (before === undefined ? 'created' : 'updated') : 'deleted'
    const eventId = past.length.toString().padStart(24, '0')
    return { id: eventId, kind, userId: id, user: comes ? user : (before ?? user), occurredAt: now }
  }

  async function run() {
    let outcome: boolean | { readonly error: unknown } | undefined
    let steps = 0
    const events: { readonly dueAt: number; readonly event: UserEvent }[] = []
    const load = fullLoad({
      role: 'student',
      minAsOf: 1,
      ranges: options.ranges ?? 'USABLE',
      expectedRows: options.expectedRows,
      learnRows: async () => (counts ? roster.size : undefined),
      coverage: () => store.coverage('student'),
      read,
      pageRows,
    }).then(
      (isWhole) => {
        outcome = isWhole
      },
      (error: unknown) => {
        outcome = { error }
      },
    )
    for (let i = 0; outcome === undefined; i += 1) {
      for (const [at, position, comes] of changes)
        if (at === i) events.push({ dueAt: i + (eventsAfter ?? 0), event: change(position, comes) })
      if (eventsAfter !== undefined)
        for (const { dueAt, event } of events) if (dueAt === i) store.applyEvent(event)
      step(choices[i % choices.length] ?? 0)
      await nextTurn()
      steps = i
    }
    await load
    const coverage = store.coverage('student')
    // Until then, the store may show a record that was changed and deleted within a few seconds.
    if (eventsAfter !== undefined)
      for (const { dueAt, event } of events) if (dueAt > steps) store.applyEvent(event)
    return { ...result, coverage, outcome, leftUnderWay: underWay.length }
  }
  return run()
}

export type SimulatedLoad = Awaited<ReturnType<typeof simulateLoad>>

/** The ids that the store shows otherwise than Clever has had them since the as-of time of the id. */
export function untrueIds({ store, past }: SimulatedLoad): readonly UserId[] {
  const everyId = new Set(past.flatMap(({ roster }) => [...roster.keys()]))
  return [...everyId].filter((id) => {
    const found = store.find('student', id, Number.NEGATIVE_INFINITY)
    if (found === undefined) return false
    const { value, asOf } = found
    const shown = typeof value === 'object' ? value.lastModifiedAt : value
    return !past
      .filter((_each, i) => (past[i + 1]?.from ?? Number.POSITIVE_INFINITY) > asOf)
      .some(({ roster }) => roster.get(id)?.student?.lastModifiedAt === shown)
  })
}
