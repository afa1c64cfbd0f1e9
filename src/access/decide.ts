import type { UserId } from '../model/ids.ts'
import { type ContactRecord, entriesTo, type RelationshipEntry } from '../model/records.ts'
import { identityOf } from '../quality/identity.ts'
import { isRestricted } from '../quality/restrictions.ts'
import type { Overrides } from './overrides.ts'
import { type GrantReason, type Policy, type Privilege, VIEW_CONTACTS, VIEW_STUDENT } from './policy.ts'
import type { Principal } from './principal.ts'

/** The reason of a decision, for the audit and for `Query.contactAccess`. */
export type AccessReason =
  | GrantReason
  | 'OVERRIDE_GRANTS'
  | 'OVERRIDE_DENIES'
  | 'COLLISION_RISK'
  | 'RESTRICTION_NOTE'
  | 'POLICY_GRANTS_NOTHING'
  | 'NO_RELATIONSHIP'
  | 'ROLE'
  | 'SCOPE'
  | 'NOT_OWN_STUDENT'
  | 'STALE_FACTS'

export interface Decision {
  readonly allowed: boolean
  readonly reason: AccessReason
  /** A denial that may mean another person. */
  readonly isUncertain?: true
}

/** The principal's data in Clever, with its as-of time. */
export interface Facts {
  /** ms since the epoch */
  readonly readAt: number
  /** A guardian's own records. */
  readonly contacts: readonly ContactRecord[]
  /** The students of a teacher, of the schools of staff, or the student in person; EVERY for a district administrator. */
  readonly students: ReadonlySet<UserId> | 'EVERY'
  /** The record of a staff member who has the role of the token. */
  readonly staff?: { readonly id: UserId; readonly displayName: string | undefined } | undefined
}

export interface Rules {
  readonly policy: Policy
  readonly overrides: Overrides
  /** ms since the epoch */
  readonly now: number
  /** The maximum age of facts for a decision. ms */
  readonly maxAge: number
}

/** The scope that a service needs for a privilege. The others belong to persons. */
const SCOPES: ReadonlyMap<Privilege, string> = new Map([
  [VIEW_STUDENT, 'students:read'],
  [VIEW_CONTACTS, 'contacts:read'],
])

/**
 * Whether a principal can have any privilege. A service without one of these scopes has none, and gets an
 * error that says so.
 */
export function hasUsableScope(principal: Principal): boolean {
  return principal.kind !== 'SERVICE' || [...SCOPES.values()].some((scope) => principal.scopes.has(scope))
}

/** Each decision is one object, kept by its reason. */
const denials = new Map<AccessReason, Decision>()
const grants = new Map<AccessReason, Decision>()

function deny(reason: AccessReason): Decision {
  return remembered(denials, false, reason)
}

function allow(reason: AccessReason): Decision {
  return remembered(grants, true, reason)
}

function remembered(known: Map<AccessReason, Decision>, allowed: boolean, reason: AccessReason): Decision {
  const decision = known.get(reason) ?? { allowed, reason }
  known.set(reason, decision)
  return decision
}

/**
 * Decides whether a principal has a privilege for a student. Pure and total. Denied unless a rule allows it.
 */
export function decide(
  principal: Principal,
  privilege: Privilege,
  studentId: UserId,
  facts: Facts | undefined,
  rules: Rules,
): Decision {
  if (principal.kind === 'SERVICE') {
    const scope = SCOPES.get(privilege)
    return scope !== undefined && principal.scopes.has(scope) ? allow('SCOPE') : deny('SCOPE')
  }
  if (facts === undefined || isStale(facts, rules)) return deny('STALE_FACTS')
  if (principal.kind === 'GUARDIAN') return decideForContacts(facts.contacts, studentId, privilege, rules)

  const isOwn = facts.students === 'EVERY' || facts.students.has(studentId)
  if (!isOwn) return deny('NOT_OWN_STUDENT')
  const role = principal.kind === 'STAFF' ? principal.role : 'STUDENT'
  return rules.policy.grantedTo(role).has(privilege) ? allow('ROLE') : deny('POLICY_GRANTS_NOTHING')
}

/**
 * The same for a person who is these contacts: the union of all entries with this student, minus denials. A denial of any
 * of the contacts is a denial of the person, and so is a restriction note on any of their pairs. The records are
 * complete, with the students that a viewer may not see.
 */
export function decideForContacts(
  contacts: readonly ContactRecord[],
  studentId: UserId,
  privilege: Privilege,
  rules: Rules,
): Decision {
  const perContact: Grants[] = []
  for (const contact of contacts) {
    const entries = entriesTo(contact, studentId)
    if (entries.length > 0) perContact.push(grantsOf(contact, studentId, entries, rules))
  }
  if (perContact.length === 0) return deny('NO_RELATIONSHIP')
  return (
    denialOf(contacts, studentId, privilege, rules) ??
    decideByEntries(perContact, studentId, privilege, rules)
  )
}

/**
 * The privileges that one entry gives its contact: those of matching rows and of grants for the pair, minus
 * denials for the pair.
 */
export function privilegesOf(
  contact: ContactRecord,
  entry: RelationshipEntry,
  rules: Rules,
): readonly Privilege[] {
  return decisionsOf(contact, entry, rules)
    .filter(({ allowed }) => allowed)
    .map(({ privilege }) => privilege)
}

/** The reasons that withhold privileges that rows grant. Each is counted. */
export const WITHHOLDING_REASONS = ['RESTRICTION_NOTE', 'COLLISION_RISK'] as const

/** The reasons that withhold privileges of this entry. */
export function withheldFor(
  contact: ContactRecord,
  entry: RelationshipEntry,
  rules: Rules,
): readonly (typeof WITHHOLDING_REASONS)[number][] {
  const reasons = new Set(decisionsOf(contact, entry, rules).map(({ reason }) => reason))
  return WITHHOLDING_REASONS.filter((reason) => reasons.has(reason))
}

function decisionsOf(contact: ContactRecord, entry: RelationshipEntry, rules: Rules) {
  const perContact = [grantsOf(contact, entry.studentId, [entry], rules)]
  return [...rules.policy.privileges.keys()].map((privilege) => ({
    privilege,
    ...(denialOf([contact], entry.studentId, privilege, rules) ??
      decideByEntries(perContact, entry.studentId, privilege, rules)),
  }))
}

/**
 * The privileges that rows grant a contact by some entries with one student, and the reasons that withhold
 * them.
 */
interface Grants {
  readonly contact: ContactRecord
  readonly grantReasons: readonly ReadonlyMap<Privilege, GrantReason>[]
  /** Two people may be one contact. This withholds the privileges of this contact. */
  readonly mayBeTwo: boolean
  /** A note is on the pair. This withholds the privileges of the person. */
  readonly isRestricted: boolean
}

/** Both reasons rest on the whole record: the entries of one student do not show the others, nor their notes. */
function grantsOf(
  contact: ContactRecord,
  studentId: UserId,
  entries: readonly RelationshipEntry[],
  { policy }: Rules,
): Grants {
  return {
    contact,
    grantReasons: entries.map(policy.grantedBy),
    mayBeTwo: policy.collisions === 'GRANT_NOTHING' && identityOf(contact).collisionRisk,
    isRestricted: policy.restrictions === 'GRANT_NOTHING' && isRestricted(contact, studentId),
  }
}

function denialOf(
  contacts: readonly ContactRecord[],
  studentId: UserId,
  privilege: Privilege,
  { overrides, now }: Rules,
): Decision | undefined {
  let isUncertain = false
  for (const contact of contacts) {
    const denial = overrides.denial(contact, studentId, privilege, now)
    if (denial === undefined) continue
    if (!denial.isUncertain) return deny('OVERRIDE_DENIES')
    isUncertain = true
  }
  return isUncertain ? { ...deny('OVERRIDE_DENIES'), isUncertain } : undefined
}

/** The first reason that applies. A grant by the written words needs no inference. */
const GRANT_REASONS = ['RELATIONSHIP', 'OVERRIDE_GRANTS', 'INFERRED_RELATIONSHIP'] as const

function decideByEntries(
  perContact: readonly Grants[],
  studentId: UserId,
  privilege: Privilege,
  { overrides, now }: Rules,
): Decision {
  const found = new Set<AccessReason>()
  for (const { contact, grantReasons, mayBeTwo, isRestricted } of perContact) {
    if (isRestricted) found.add('RESTRICTION_NOTE')
    if (overrides.isGranted(contact, studentId, privilege, now)) found.add('OVERRIDE_GRANTS')
    for (const granted of grantReasons) {
      const grantReason = granted.get(privilege)
      if (grantReason !== undefined) found.add(mayBeTwo ? 'COLLISION_RISK' : grantReason)
    }
  }
  if (found.has('RESTRICTION_NOTE'))
    return found.has('OVERRIDE_GRANTS') ? allow('OVERRIDE_GRANTS') : deny('RESTRICTION_NOTE')
  for (const grantReason of GRANT_REASONS) if (found.has(grantReason)) return allow(grantReason)
  return deny(found.has('COLLISION_RISK') ? 'COLLISION_RISK' : 'POLICY_GRANTS_NOTHING')
}

/** Whether a denial that may mean another person denies anything to this pair. */
export function isUncertainDenial(
  contact: ContactRecord,
  studentId: UserId,
  { policy, overrides, now }: Rules,
): boolean {
  return [...policy.privileges.keys()].some(
    (privilege) => overrides.denial(contact, studentId, privilege, now)?.isUncertain,
  )
}

export function isStale({ readAt }: Pick<Facts, 'readAt'>, { now, maxAge }: Rules): boolean {
  const age = now - readAt
  // If the clock was set back, they would seem young for too long.
  return !(age >= 0 && age <= maxAge)
}
