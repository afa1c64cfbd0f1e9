import type { UserId } from '../clever/ids.ts'
import type { ContactRecord, RelationshipEntry } from '../clever/records.ts'
import type { Overrides } from './overrides.ts'
import { type Policy, type Privilege, VIEW_CONTACTS, VIEW_STUDENT } from './policy.ts'
import type { Principal } from './principal.ts'

/** Why, for the audit and for `Query.access`. */
export type Because =
  | 'RELATIONSHIP'
  | 'OVERRIDE_GRANTS'
  | 'OVERRIDE_DENIES'
  | 'POLICY_GRANTS_NOTHING'
  | 'NO_RELATIONSHIP'
  | 'ROLE'
  | 'SCOPE'
  | 'NOT_OWN_STUDENT'
  | 'STALE_FACTS'

export interface Decision {
  readonly allowed: boolean
  readonly because: Because
  /** A denial that may mean somebody else. */
  readonly isDoubtful?: true
}

/** What Clever says of the principal, and when it said so. */
export interface Facts {
  /** ms since the epoch */
  readonly readAt: number
  /** A guardian's own records. */
  readonly contacts: readonly ContactRecord[]
  /** The students of a teacher, of the schools of staff, or the student in person; EVERY for a district administrator. */
  readonly students: ReadonlySet<UserId> | 'EVERY'
}

export interface Rules {
  readonly policy: Policy
  readonly overrides: Overrides
  /** ms since the epoch */
  readonly now: number
  /** Facts that are older decide nothing. ms */
  readonly maxAge: number
}

/** The scope that a service needs for a privilege. The others belong to persons. */
const SCOPES: ReadonlyMap<Privilege, string> = new Map([
  [VIEW_STUDENT, 'students:read'],
  [VIEW_CONTACTS, 'contacts:read'],
])

const NO = (because: Because): Decision => ({ allowed: false, because })
const YES = (because: Because): Decision => ({ allowed: true, because })

/** May this principal do this concerning this student? Pure and total; what no rule allows is not allowed. */
export function decide(
  principal: Principal,
  privilege: Privilege,
  studentId: UserId,
  facts: Facts | undefined,
  rules: Rules,
): Decision {
  if (principal.kind === 'SERVICE') {
    const scope = SCOPES.get(privilege)
    return scope !== undefined && principal.scopes.has(scope) ? YES('SCOPE') : NO('SCOPE')
  }
  if (facts === undefined || isStale(facts, rules)) return NO('STALE_FACTS')
  if (principal.kind === 'GUARDIAN') return decideForContacts(facts.contacts, studentId, privilege, rules)

  const isOwn = facts.students === 'EVERY' || facts.students.has(studentId)
  if (!isOwn) return NO('NOT_OWN_STUDENT')
  const role = principal.kind === 'STAFF' ? principal.role : 'STUDENT'
  return rules.policy.grantedTo(role).has(privilege) ? YES('ROLE') : NO('POLICY_GRANTS_NOTHING')
}

/**
 * The same for somebody who is these contacts: the union of all entries with this very student, minus denials. A denial
 * of any of them is a denial of the person.
 */
export function decideForContacts(
  contacts: readonly ContactRecord[],
  studentId: UserId,
  privilege: Privilege,
  { policy, overrides, now }: Rules,
): Decision {
  const related = contacts
    .map((contact) => ({
      contact,
      entries: contact.relationships.filter((entry) => entry.studentId === studentId),
    }))
    .filter(({ entries }) => entries.length > 0)
  if (related.length === 0) return NO('NO_RELATIONSHIP')

  const denials = contacts
    .map((contact) => overrides.denial(contact, studentId, privilege, now))
    .filter((denial) => denial !== undefined)
  if (denials.length > 0) {
    return denials.every(({ isDoubtful }) => isDoubtful)
      ? { ...NO('OVERRIDE_DENIES'), isDoubtful: true }
      : NO('OVERRIDE_DENIES')
  }
  if (related.some(({ entries }) => entries.some((entry) => policy.grantedBy(entry).has(privilege))))
    return YES('RELATIONSHIP')
  if (related.some(({ contact }) => overrides.isGranted(contact, studentId, privilege, now)))
    return YES('OVERRIDE_GRANTS')
  return NO('POLICY_GRANTS_NOTHING')
}

/** What one entry gives its contact: the rows that match it, and what the pair is granted, minus what the pair is denied. */
export function privilegesOf(
  contact: ContactRecord,
  entry: RelationshipEntry,
  { policy, overrides, now }: Rules,
): readonly Privilege[] {
  const granted = policy.grantedBy(entry)
  return [...policy.privileges.keys()].filter(
    (privilege) =>
      overrides.denial(contact, entry.studentId, privilege, now) === undefined &&
      (granted.has(privilege) || overrides.isGranted(contact, entry.studentId, privilege, now)),
  )
}

/** Whether anything is denied to this pair by a denial that may mean somebody else. */
export function isInDoubt(
  contact: ContactRecord,
  studentId: UserId,
  { policy, overrides, now }: Rules,
): boolean {
  return [...policy.privileges.keys()].some(
    (privilege) => overrides.denial(contact, studentId, privilege, now)?.isDoubtful,
  )
}

export function isStale({ readAt }: Pick<Facts, 'readAt'>, { now, maxAge }: Rules): boolean {
  const age = now - readAt
  // A clock that was set back would make them young for ever.
  return !(age >= 0 && age <= maxAge)
}
