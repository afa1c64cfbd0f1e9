import type { LimitFunction } from 'p-limit'
import type { CallContext } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { District } from '../districts.ts'
import { CleverAnswerInvalid, CleverRangeUnverified, CleverTimedOut } from '../model/clever-errors.ts'
import type { UserId } from '../model/ids.ts'
import type { Role } from '../model/ranges.ts'
import { idBefore } from '../store/coverage.ts'
import {
  type CacheMiss,
  type CacheMissKind,
  createOpenCacheMisses,
  type FetchedValue,
  type OpenCacheMisses,
} from './open-cache-misses.ts'
import { type DistrictState, plan, rolesToCount, type Step } from './planner.ts'

/**
 * The number of calls of one request above which a full load is started in the background, which saves the
 * next request these calls.
 */
const MANY_MISSES = 50
/**
 * A range with more rows than both is read for the wanted rows alone: rows in all, and rows for each wanted one. Its other
 * rows would cost more time than they are likely to save.
 */
const MIN_SPARSE = 100
const SPARSE = 8
/** The share of the remaining time that long work may take while a request waits for it. */
const TIME_SHARE_FOR_LONG_WORK = 0.7

type StepOf<RecordKind extends Step['kind']> = Extract<Step, { readonly kind: RecordKind }>

/**
 * Asks Clever for the missing records in the cheapest way, and plans again after each round, because one answer can show a cheaper
 * way to the next. Returns an error for each miss that could not be answered; never throws. `limitCalls` limits the calls.
 * Students whose contacts are missing are known to exist, or are missing too.
 */
export function fetchMissing(
  district: District,
  misses: readonly CacheMiss[],
  callContext: CallContext,
  clock: Clock,
  limitCalls: LimitFunction,
): Promise<ReadonlyMap<CacheMiss, FetchedValue | Error>> {
  return new MissFetcher(district, misses, callContext, clock).fetchAll(limitCalls)
}

class MissFetcher {
  readonly #district: District
  readonly #callContext: CallContext
  readonly #clock: Clock
  readonly #open: OpenCacheMisses
  readonly #minAsOf: number
  readonly #wanted: Readonly<Record<Role, number>>
  readonly #spacing = new Map<Role, number>()
  #mayRange = true
  #mayFullLoad: boolean

  constructor(district: District, misses: readonly CacheMiss[], callContext: CallContext, clock: Clock) {
    this.#district = district
    this.#callContext = callContext
    this.#clock = clock
    this.#open = createOpenCacheMisses(misses)
    this.#minAsOf = Math.max(...misses.map((miss) => miss.minAsOf))
    const left = this.#open.left()
    this.#wanted = { student: left?.students.length ?? 0, contact: left?.contacts.length ?? 0 }
    // If nothing may be kept, a full load is useless.
    this.#mayFullLoad = Number.isFinite(this.#minAsOf)
  }

  async fetchAll(limitCalls: LimitFunction): Promise<ReadonlyMap<CacheMiss, FetchedValue | Error>> {
    const { demand } = this.#district
    for (let left = this.#open.left(); left !== undefined; left = this.#open.left()) {
      await this.#count(rolesToCount(left, this.#state(), this.#limits()))
      const steps = plan(left, this.#state(), this.#limits())
      // One request that needs many calls counts as many requests.
      if (steps.length > MANY_MISSES) for (const role of new Set(steps.map(roleOf))) demand.raise(role)
      await Promise.all(steps.map((step) => limitCalls(() => this.#tryTo(step))))
    }
    return this.#open.answers
  }

  /** If Clever does not count, the plan is made without. */
  async #count(roles: readonly Role[]) {
    const { sizes } = this.#district
    await Promise.all(roles.map((role) => sizes.count(role, this.#callContext).catch(() => {})))
  }

  #state(): DistrictState {
    const { store, reader, sizes } = this.#district
    return {
      ranges: this.#mayRange ? reader.ranges : 'PAUSED',
      mayFullLoad: this.#mayFullLoad && sizes.fits('contact'),
      mayCount: sizes.mayCount,
      rows: sizes.rows,
      rowsBetween: (role, after, upTo) => store.rowCountIn(role, { after, upTo }),
      spacing: (role) => this.#spacing.get(role),
    }
  }

  #limits() {
    return {
      callsLeft: this.#district.client.callsLeft(),
      allowance: this.#callContext.allowance.remaining,
      timeLeft: this.#callContext.deadline - this.#clock.now(),
    }
  }

  /** If a step fails, its error answers all misses that the step would have answered. */
  async #tryTo(step: Step) {
    try {
      await this.#take(step)
    } catch (error) {
      if (error instanceof CleverRangeUnverified) {
        this.#mayRange = false
        return
      }
      const failure = error instanceof Error ? error : new Error('not an error', { cause: error })
      for (const [kind, id] of wantedBy(step)) this.#open.answer(kind, id, failure)
    }
  }

  #take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'RECORD':
        return this.#takeRecord(step)
      case 'RANGE':
        return this.#takeRange(step)
      case 'CONTACTS_OF':
        return this.#takeContactsOf(step)
      case 'FULL_LOAD':
        return this.#takeFullLoad(step)
    }
  }

  async #takeRecord({ id }: StepOf<'RECORD'>) {
    const { value: user, asOf } = await this.#district.reader.user(id, this.#callContext, this.#minAsOf)
    this.#open.answer('student', id, { value: user?.student, asOf })
    this.#open.answer('contact', id, { value: user?.contact, asOf })
  }

  async #takeRange({ role, ids, limit }: StepOf<'RANGE'>) {
    const { store, reader, sizes } = this.#district
    const [first] = ids
    const beyond = first && (idBefore(first) || undefined)
    const isSparse = limit > Math.max(MIN_SPARSE, ids.length * SPARSE)
    const wanted = isSparse ? new Set(ids) : undefined
    const range = { role, direction: 'forwards', beyond, limit, wanted } as const
    const { value: page, asOf } = await reader.range(range, this.#callContext, this.#minAsOf)
    const { rows, leftOut, isLast, hasNameless } = page
    const end = rows.at(-1)?.id ?? ''
    const within = ids.filter((id) => isLast || id <= end)
    // A page that lacks records, or reaches none of the ids, answers nothing.
    if (hasNameless || within.length === 0) {
      this.#mayRange = false
      return
    }
    const there = new Map(Array.from(rows, (row) => [row.id, row]))
    for (const id of within) {
      const row = there.get(id)
      const value = row && store.recordOf(role, row)
      this.#open.answer(role, id, value === 'UNREADABLE' ? unreadable() : { value, asOf })
    }
    const spacing = (rows.length + leftOut) / within.length
    this.#spacing.set(role, spacing)
    sizes.guess(role, spacing * this.#wanted[role])
  }

  async #takeContactsOf({ studentId }: StepOf<'CONTACTS_OF'>) {
    const { reader, store } = this.#district
    // While the step waited, another answer may have shown that the student does not exist.
    const known = store.contactsOf(studentId, this.#minAsOf)
    if (known !== undefined) {
      this.#open.answer('contactsOf', studentId, known)
      return
    }
    const { value: users, asOf } = await reader.contactsOf(studentId, this.#callContext, this.#minAsOf)
    const contacts = users.map(({ contact }) => contact).filter((contact) => contact !== undefined)
    // In the order in which the store returns them.
    const value = contacts.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    this.#open.answer('contactsOf', studentId, { value, asOf })
  }

  async #takeFullLoad({ role, studentIds }: StepOf<'FULL_LOAD'>) {
    const { store, reader, sizes } = this.#district
    // A role that cannot be kept, or takes too long, is not loaded again.
    this.#mayFullLoad = false
    try {
      const part = inPartOfTheTime(this.#callContext, this.#clock)
      const isWhole = await reader.fullLoad(role, part, this.#minAsOf)
      if (!isWhole) sizes.recordFailedLoad(role)
    } catch (error) {
      if (this.#callContext.signal.aborted || !(error instanceof CleverTimedOut)) throw error
    }
    for (const studentId of studentIds) {
      const found = store.contactsListing(studentId, this.#minAsOf)
      if (found !== undefined) this.#open.answer('contactsOf', studentId, found)
    }
  }
}

/** Leaves time to read records one by one if Clever is slower than expected. */
export function inPartOfTheTime(callContext: CallContext, clock: Clock): CallContext {
  const time = Math.max(Math.round((callContext.deadline - clock.now()) * TIME_SHARE_FOR_LONG_WORK), 0)
  return {
    ...callContext,
    deadline: clock.now() + time,
    signal: AbortSignal.any([callContext.signal, clock.timeout(time)]),
  }
}

function wantedBy(step: Step): readonly (readonly [CacheMissKind, UserId])[] {
  switch (step.kind) {
    case 'RECORD':
      return [[step.role, step.id]]
    case 'RANGE':
      return step.ids.map((id) => [step.role, id])
    case 'CONTACTS_OF':
      return [['contactsOf', step.studentId]]
    case 'FULL_LOAD':
      return step.studentIds.map((id) => ['contactsOf', id])
  }
}

function roleOf(step: Step): Role {
  return step.kind === 'CONTACTS_OF' ? 'contact' : step.role
}

function unreadable(): Error {
  return new CleverAnswerInvalid('the record could not be read')
}
