import type { LimitFunction } from 'p-limit'
import { CleverAnswerInvalid, CleverRangeUnproven, CleverTimedOut } from '../clever/errors.ts'
import type { UserId } from '../clever/ids.ts'
import type { Role } from '../clever/ranges.ts'
import type { Caller } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import { before } from '../directory/coverage.ts'
import type { District } from '../directory/districts.ts'
import { type Answered, createOpenMisses, type Miss, type MissKind } from './open-misses.ts'
import { isWorthCounting, type Knowledge, plan, type Step } from './plan.ts'

/** Calls for one request, that a sweep in the background would spare the next. */
const MANY = 50
/** Of what is left, for a sweep that somebody waits for. */
const TIME_FOR_SWEEP = 0.7

type StepOf<Kind extends Step['kind']> = Extract<Step, { readonly kind: Kind }>

/**
 * Asks Clever for what is missing in the cheapest way, and again for what is missing still, as one answer tells how to
 * ask for the next. An error for each that could not be answered; never throws. `sideBySide` limits the calls. Students
 * whose contacts are missing are known to be there.
 */
export async function answerMisses(
  district: District,
  misses: readonly Miss[],
  caller: Caller,
  clock: Clock,
  sideBySide: LimitFunction,
): Promise<ReadonlyMap<Miss, Answered | Error>> {
  const { client, directory, reads, sizes } = district
  const open = createOpenMisses(misses)
  const notBefore = Math.max(...misses.map((miss) => miss.notBefore))
  const spacing = new Map<Role, number>()
  const wanted = { student: open.left()?.students.length ?? 0, contact: open.left()?.contacts.length ?? 0 }
  let mayRange = true
  // Where nothing may be remembered, a sweep teaches nothing.
  let maySweep = Number.isFinite(notBefore)

  async function takeRecord({ id }: StepOf<'RECORD'>) {
    const { value: user, since } = await reads.user(id, caller, notBefore)
    open.answer('student', id, { value: user?.student, since })
    open.answer('contact', id, { value: user?.contact, since })
  }

  async function takeRange({ role, ids, limit }: StepOf<'RANGE'>) {
    const [first] = ids
    const beyond = first && (before(first) || undefined)
    const range = { role, direction: 'forwards', beyond, limit } as const
    const { value: page, since } = await reads.range(range, caller, notBefore)
    const { rows, isLast, hasNameless } = page
    const end = rows.at(-1)?.id ?? ''
    const within = ids.filter((id) => isLast || id <= end)
    // A page that is not the whole truth, or leads nowhere, answers nothing.
    if (hasNameless || within.length === 0) {
      mayRange = false
      return
    }
    const there = new Map(rows.map(({ id, user }) => [id, user]))
    for (const id of within) {
      const isUnreadable = there.has(id) && there.get(id) === undefined
      open.answer(role, id, isUnreadable ? unreadable() : { value: there.get(id)?.[role], since })
    }
    spacing.set(role, rows.length / within.length)
    sizes.guess(role, (rows.length / within.length) * wanted[role])
  }

  async function takeContactsOf({ studentId }: StepOf<'CONTACTS_OF'>) {
    const { value: users, since } = await reads.contactsOf(studentId, caller, notBefore)
    const contacts = users.map(({ contact }) => contact).filter((contact) => contact !== undefined)
    // In the order in which the directory will give them.
    const value = contacts.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    open.answer('contactsOf', studentId, { value, since })
  }

  async function takeSweep({ role, studentIds }: StepOf<'SWEEP'>) {
    // What cannot be kept, or takes too long, is not swept for again.
    maySweep = false
    try {
      const isWhole = await reads.sweep(role, inPartOfTheTime(caller, clock), notBefore)
      if (!isWhole) sizes.noteNotWhole(role)
    } catch (error) {
      if (caller.signal.aborted || !(error instanceof CleverTimedOut)) throw error
    }
    for (const studentId of studentIds) {
      const found = directory.contactsNaming(studentId, notBefore)
      if (found !== undefined) open.answer('contactsOf', studentId, found)
    }
  }

  function take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'RECORD':
        return takeRecord(step)
      case 'RANGE':
        return takeRange(step)
      case 'CONTACTS_OF':
        return takeContactsOf(step)
      case 'SWEEP':
        return takeSweep(step)
    }
  }

  /** What a step that fails would have answered has its error. */
  async function tryTo(step: Step) {
    try {
      await take(step)
    } catch (error) {
      if (error instanceof CleverRangeUnproven) {
        mayRange = false
        return
      }
      const failure = error instanceof Error ? error : new Error('not an error', { cause: error })
      for (const [kind, id] of wantedBy(step)) open.answer(kind, id, failure)
    }
  }

  const knowledge = (): Knowledge => ({
    ranges: mayRange ? reads.ranges : 'PAUSED',
    maySweep: maySweep && sizes.mayHold('contact'),
    mayCount: sizes.mayCount('contact'),
    rows: sizes.rows,
    rowsBetween: (role, after, upTo) => directory.rowsIn(role, { after, upTo }),
    spacing: (role) => spacing.get(role),
  })

  const costs = () => ({
    callsLeft: client.callsLeft(),
    allowance: caller.ledger.left,
    timeLeft: caller.deadline - clock.now(),
  })

  for (let left = open.left(); left !== undefined; left = open.left()) {
    // Without a count there is no sweep, but there is an answer.
    if (isWorthCounting(left, knowledge(), costs())) await sizes.count('contact', caller).catch(() => {})
    const steps = plan(left, knowledge(), costs())
    // One request that needs many calls is worth as much as many requests.
    if (steps.length > MANY) for (const role of new Set(steps.map(roleOf))) district.interest.urge(role)
    await Promise.all(steps.map((step) => sideBySide(() => tryTo(step))))
  }
  return open.answers
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
