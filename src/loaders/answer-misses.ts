import type { LimitFunction } from 'p-limit'
import { CleverAnswerInvalid, CleverRangeUnproven } from '../clever/errors.ts'
import type { UserId } from '../clever/ids.ts'
import type { Role } from '../clever/ranges.ts'
import type { ContactRecord, StudentRecord } from '../clever/records.ts'
import type { Caller } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import type { Purpose } from '../directory/ages.ts'
import { before } from '../directory/coverage.ts'
import type { Known } from '../directory/directory.ts'
import type { District } from '../directory/districts.ts'
import { isWorthCounting, type Knowledge, type Misses, plan, type Step } from './plan.ts'

/** What the directory could not answer. `notBefore`, ms since the epoch: an older answer will not do. */
export interface Miss {
  readonly kind: 'student' | 'contact' | 'contactsOf'
  readonly id: UserId
  readonly purpose: Purpose
  readonly notBefore: number
}

/** A student or a contact or neither, or the contacts of a student. */
export type Answered = Known<StudentRecord | ContactRecord | readonly ContactRecord[] | undefined>

/**
 * Asks Clever for what is missing in the cheapest way, and again for what is missing still, as one answer tells how to
 * ask for the next. An error for each that could not be answered; never throws.
 */
export async function answerMisses(
  district: District,
  misses: readonly Miss[],
  caller: Caller,
  clock: Clock,
  sideBySide: LimitFunction,
): Promise<ReadonlyMap<Miss, Answered | Error>> {
  const answers = new Map<Miss, Answered | Error>()
  const { client, directory, reads, sizes } = district
  const notBefore = Math.max(...misses.map((miss) => miss.notBefore))
  let trustsRanges = true
  // Where nothing may be remembered, a sweep teaches nothing.
  let maySweep = Number.isFinite(notBefore)

  const open = () => misses.filter((miss) => !answers.has(miss))
  const openOf = (kind: Miss['kind'], ids: readonly UserId[]) => {
    const wanted = new Set(ids)
    return open().filter((miss) => miss.kind === kind && wanted.has(miss.id))
  }

  async function take(step: Step) {
    switch (step.kind) {
      case 'RECORD': {
        const { value: user, since } = await reads.user(step.id, caller, notBefore)
        for (const miss of openOf('student', [step.id])) answers.set(miss, { value: user?.student, since })
        for (const miss of openOf('contact', [step.id])) answers.set(miss, { value: user?.contact, since })
        return
      }
      case 'RANGE':
        return takeRange(step.role, step.ids, step.limit)
      case 'CONTACTS_OF': {
        const { value: users, since } = await reads.contactsOf(step.studentId, caller, notBefore)
        const value = users.map(({ contact }) => contact).filter((contact) => contact !== undefined)
        for (const miss of openOf('contactsOf', [step.studentId])) answers.set(miss, { value, since })
        return
      }
      case 'SWEEP': {
        await reads.sweep(step.role, caller, notBefore)
        for (const miss of openOf('contactsOf', step.studentIds)) {
          const found = directory.contactsOf(miss.id, notBefore)
          if (found !== undefined) answers.set(miss, found)
        }
        // What could not be kept is not swept for again.
        maySweep = false
      }
    }
  }

  async function takeRange(role: Role, ids: readonly UserId[], limit: number) {
    const [first] = ids
    if (first === undefined) return
    const beyond = before(first) || undefined
    const range = { role, direction: 'forwards', beyond, limit } as const
    const { value: page, since, isProven } = await reads.range(range, caller, notBefore)
    const { rows, isLast, hasNameless } = page
    if (!isProven || hasNameless || (rows.length === 0 && !isLast)) {
      trustsRanges = false
      return
    }
    const there = new Map(rows.map(({ id, user }) => [id, user]))
    const end = rows.at(-1)?.id
    const answered = openOf(role, ids).filter(({ id }) => isLast || (end !== undefined && id <= end))
    for (const miss of answered) {
      const isUnreadable = there.has(miss.id) && there.get(miss.id) === undefined
      answers.set(miss, isUnreadable ? unreadable() : { value: there.get(miss.id)?.[role], since })
    }
    sizes.spacing.set(role, rows.length / Math.max(answered.length, 1))
  }

  /** A step that fails leaves what it would have answered with its error. */
  async function tryTo(step: Step) {
    try {
      await take(step)
    } catch (error) {
      if (error instanceof CleverRangeUnproven) {
        trustsRanges = false
        return
      }
      const failure = error instanceof Error ? error : new Error('not an error', { cause: error })
      for (const miss of missesOf(step)) answers.set(miss, failure)
    }
  }

  function missesOf(step: Step): readonly Miss[] {
    switch (step.kind) {
      case 'RECORD':
        return [...openOf('student', [step.id]), ...openOf('contact', [step.id])]
      case 'RANGE':
        return openOf(step.role, step.ids)
      case 'CONTACTS_OF':
        return openOf('contactsOf', [step.studentId])
      case 'SWEEP':
        return openOf('contactsOf', step.studentIds)
    }
  }

  function knowledge(): Knowledge {
    return {
      trustsRanges: trustsRanges && reads.trustsRanges,
      maySweep: maySweep && sizes.mayHold('contact'),
      mayCount: sizes.mayCount('contact'),
      rows: sizes.rows,
      rowsBetween: (role, after, upTo) => directory.rowsIn(role, { after, upTo }),
      spacing: (role) => sizes.spacing.get(role),
    }
  }

  const costs = () => ({
    callsLeft: client.callsLeft(),
    allowance: caller.ledger.left,
    timeLeft: caller.deadline - clock.now(),
  })

  for (let rest = open(); rest.length > 0; rest = open()) {
    const wanted = sortedOut(rest)
    if (isWorthCounting(wanted, knowledge(), costs())) await sizes.count('contact', caller).catch(() => {})
    await Promise.all(plan(wanted, knowledge(), costs()).map((step) => sideBySide(() => tryTo(step))))
  }
  return answers
}

function sortedOut(misses: readonly Miss[]): Misses {
  const of = (kind: Miss['kind']) => [
    ...new Set(misses.filter((miss) => miss.kind === kind).map(({ id }) => id)),
  ]
  return { students: of('student'), contacts: of('contact'), contactsOf: of('contactsOf') }
}

function unreadable(): Error {
  return new CleverAnswerInvalid('the record could not be read')
}
