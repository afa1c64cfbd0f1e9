import type { LimitFunction } from 'p-limit'
import type { Caller } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { District } from '../districts.ts'
import { CleverAnswerInvalid, CleverRangeUnproven, CleverTimedOut } from '../model/clever-errors.ts'
import type { UserId } from '../model/ids.ts'
import type { Role } from '../model/ranges.ts'
import { before } from '../store/coverage.ts'
import {
  type Answered,
  createOpenMisses,
  type Miss,
  type MissKind,
  type OpenMisses,
} from './open-cache-misses.ts'
import { isWorthCounting, type Knowledge, plan, type Step } from './planner.ts'

/** Calls for one request, that a sweep in the background would spare the next. */
const MANY = 50
/** The share of the time left that a sweep may take while a client waits for it. */
const TIME_FOR_SWEEP = 0.7

type StepOf<Kind extends Step['kind']> = Extract<Step, { readonly kind: Kind }>

/**
 * Asks Clever for the missing records in the cheapest way, and plans again after each round, because one answer can show a cheaper
 * way to the next. Returns an error for each miss that could not be answered; never throws. `sideBySide` limits the calls.
 * Students whose contacts are missing are known to exist.
 */
export function answerMisses(
  district: District,
  misses: readonly Miss[],
  caller: Caller,
  clock: Clock,
  sideBySide: LimitFunction,
): Promise<ReadonlyMap<Miss, Answered | Error>> {
  return new MissFetcher(district, misses, caller, clock).fetchAll(sideBySide)
}

class MissFetcher {
  readonly #district: District
  readonly #caller: Caller
  readonly #clock: Clock
  readonly #open: OpenMisses
  readonly #notBefore: number
  readonly #wanted: Readonly<Record<Role, number>>
  readonly #spacing = new Map<Role, number>()
  #mayRange = true
  #maySweep: boolean

  constructor(district: District, misses: readonly Miss[], caller: Caller, clock: Clock) {
    this.#district = district
    this.#caller = caller
    this.#clock = clock
    this.#open = createOpenMisses(misses)
    this.#notBefore = Math.max(...misses.map((miss) => miss.notBefore))
    const left = this.#open.left()
    this.#wanted = { student: left?.students.length ?? 0, contact: left?.contacts.length ?? 0 }
    // If nothing may be remembered, a sweep teaches nothing.
    this.#maySweep = Number.isFinite(this.#notBefore)
  }

  async fetchAll(sideBySide: LimitFunction): Promise<ReadonlyMap<Miss, Answered | Error>> {
    const { sizes, interest } = this.#district
    for (let left = this.#open.left(); left !== undefined; left = this.#open.left()) {
      // Without a count there is no sweep, but there is an answer.
      if (isWorthCounting(left, this.#knowledge(), this.#costs()))
        await sizes.count('contact', this.#caller).catch(() => {})
      const steps = plan(left, this.#knowledge(), this.#costs())
      // One request that needs many calls is worth as much as many requests.
      if (steps.length > MANY) for (const role of new Set(steps.map(roleOf))) interest.urge(role)
      await Promise.all(steps.map((step) => sideBySide(() => this.#tryTo(step))))
    }
    return this.#open.answers
  }

  #knowledge(): Knowledge {
    const { directory, reads, sizes } = this.#district
    return {
      ranges: this.#mayRange ? reads.ranges : 'PAUSED',
      maySweep: this.#maySweep && sizes.mayHold('contact'),
      mayCount: sizes.mayCount('contact'),
      rows: sizes.rows,
      rowsBetween: (role, after, upTo) => directory.rowsIn(role, { after, upTo }),
      spacing: (role) => this.#spacing.get(role),
    }
  }

  #costs() {
    return {
      callsLeft: this.#district.client.callsLeft(),
      allowance: this.#caller.ledger.left,
      timeLeft: this.#caller.deadline - this.#clock.now(),
    }
  }

  /** If a step fails, its error answers all misses that the step would have answered. */
  async #tryTo(step: Step) {
    try {
      await this.#take(step)
    } catch (error) {
      if (error instanceof CleverRangeUnproven) {
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
      case 'SWEEP':
        return this.#takeSweep(step)
    }
  }

  async #takeRecord({ id }: StepOf<'RECORD'>) {
    const { value: user, since } = await this.#district.reads.user(id, this.#caller, this.#notBefore)
    this.#open.answer('student', id, { value: user?.student, since })
    this.#open.answer('contact', id, { value: user?.contact, since })
  }

  async #takeRange({ role, ids, limit }: StepOf<'RANGE'>) {
    const { reads, sizes } = this.#district
    const [first] = ids
    const beyond = first && (before(first) || undefined)
    const range = { role, direction: 'forwards', beyond, limit } as const
    const { value: page, since } = await reads.range(range, this.#caller, this.#notBefore)
    const { rows, isLast, hasNameless } = page
    const end = rows.at(-1)?.id ?? ''
    const within = ids.filter((id) => isLast || id <= end)
    // A page that lacks records, or reaches none of the ids, answers nothing.
    if (hasNameless || within.length === 0) {
      this.#mayRange = false
      return
    }
    const there = new Map(rows.map(({ id, user }) => [id, user]))
    for (const id of within) {
      const isUnreadable = there.has(id) && there.get(id) === undefined
      this.#open.answer(role, id, isUnreadable ? unreadable() : { value: there.get(id)?.[role], since })
    }
    this.#spacing.set(role, rows.length / within.length)
    sizes.guess(role, (rows.length / within.length) * this.#wanted[role])
  }

  async #takeContactsOf({ studentId }: StepOf<'CONTACTS_OF'>) {
    const { reads } = this.#district
    const { value: users, since } = await reads.contactsOf(studentId, this.#caller, this.#notBefore)
    const contacts = users.map(({ contact }) => contact).filter((contact) => contact !== undefined)
    // In the order in which the directory will give them.
    const value = contacts.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    this.#open.answer('contactsOf', studentId, { value, since })
  }

  async #takeSweep({ role, studentIds }: StepOf<'SWEEP'>) {
    const { directory, reads, sizes } = this.#district
    // A role that cannot be kept, or takes too long, is not swept again.
    this.#maySweep = false
    try {
      const part = inPartOfTheTime(this.#caller, this.#clock)
      const isWhole = await reads.sweep(role, part, this.#notBefore)
      if (!isWhole) sizes.noteNotWhole(role)
    } catch (error) {
      if (this.#caller.signal.aborted || !(error instanceof CleverTimedOut)) throw error
    }
    for (const studentId of studentIds) {
      const found = directory.contactsNaming(studentId, this.#notBefore)
      if (found !== undefined) this.#open.answer('contactsOf', studentId, found)
    }
  }
}

/** Leaves time to ask one by one, should Clever be slower than was thought. */
function inPartOfTheTime(caller: Caller, clock: Clock): Caller {
  const time = Math.max(Math.round((caller.deadline - clock.now()) * TIME_FOR_SWEEP), 0)
  return {
    ...caller,
    deadline: clock.now() + time,
    signal: AbortSignal.any([caller.signal, AbortSignal.timeout(time)]),
  }
}

function wantedBy(step: Step): readonly (readonly [MissKind, UserId])[] {
  switch (step.kind) {
    case 'RECORD':
      return [[step.role, step.id]]
    case 'RANGE':
      return step.ids.map((id) => [step.role, id])
    case 'CONTACTS_OF':
      return [['contactsOf', step.studentId]]
    case 'SWEEP':
      return step.studentIds.map((id) => ['contactsOf', id])
  }
}

function roleOf(step: Step): Role {
  return step.kind === 'CONTACTS_OF' ? 'contact' : step.role
}

function unreadable(): Error {
  return new CleverAnswerInvalid('the record could not be read')
}
