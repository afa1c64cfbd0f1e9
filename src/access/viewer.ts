import { PAST_EVERY_ID, type UserId } from '../model/ids.ts'
import { type AccessReason, type Decision, decide, type Facts, isStale, type Rules } from './decide.ts'
import { type Privilege, VIEW_CONTACTS, VIEW_STUDENT } from './policy.ts'
import type { Principal } from './principal.ts'

/** How much of a contact is shown: every field, or the name without any means of contact. */
export type Detail = 'FULL' | 'NAME'

/** Why a contact is shown because of one student, and how much of it. */
export interface Basis {
  readonly detail: Detail
  readonly privilege: Privilege
  readonly reason: AccessReason
}

/** The decisions about one student that the gateway itself acts on, each made when it is first needed. */
export class StudentAccess {
  readonly student: Decision
  readonly #decideContacts: () => Decision
  readonly #isStudent: boolean
  #contacts: Decision | undefined
  #ownContact: Basis | undefined
  #otherContacts: Basis | undefined | null = null

  constructor(student: Decision, decideContacts: () => Decision, isStudent: boolean) {
    this.student = student
    this.#decideContacts = decideContacts
    this.#isStudent = isStudent
  }

  get contacts(): Decision {
    this.#contacts ??= this.#decideContacts()
    return this.#contacts
  }

  /** For the viewer's own contact record. Undefined if nothing is shown. */
  get ownContact(): Basis | undefined {
    if (!this.student.allowed) return undefined
    this.#ownContact ??= this.#throughStudent('FULL')
    return this.#ownContact
  }

  /** For every other contact of the student; undefined if nothing is shown. */
  get otherContacts(): Basis | undefined {
    if (this.#otherContacts === null) this.#otherContacts = this.#findOtherContacts()
    return this.#otherContacts
  }

  #findOtherContacts(): Basis | undefined {
    if (!this.student.allowed) return undefined
    const { allowed, reason } = this.contacts
    if (allowed) return { detail: 'FULL', privilege: VIEW_CONTACTS, reason }
    return this.#isStudent ? this.#throughStudent('NAME') : undefined
  }

  #throughStudent(detail: Detail): Basis {
    return { detail, privilege: VIEW_STUDENT, reason: this.student.reason }
  }
}

/**
 * One principal with the facts and rules that decisions rest on. Each decision is made once and kept: a viewer of a whole
 * district has one decision for all students, everyone else has one for each student.
 */
export class Viewer {
  readonly principal: Principal
  readonly facts: Facts | undefined
  readonly rules: Rules
  /** Whether all students of a district are alike to this viewer. */
  readonly seesWholeDistrict: boolean
  readonly #ownContactIds: ReadonlySet<UserId>
  readonly #students = new Map<UserId, StudentAccess>()
  readonly #onDecision: (decision: Decision) => void
  #district: StudentAccess | undefined

  constructor(
    principal: Principal,
    facts: Facts | undefined,
    rules: Rules,
    onDecision: (decision: Decision) => void,
  ) {
    this.principal = principal
    this.facts = facts
    this.rules = rules
    this.seesWholeDistrict = principal.kind === 'SERVICE' || facts?.students === 'EVERY'
    this.#ownContactIds = new Set(principal.kind === 'GUARDIAN' ? principal.contactIds : [])
    this.#onDecision = onDecision
  }

  isOwnContact(contactId: UserId): boolean {
    return this.#ownContactIds.has(contactId)
  }

  access(studentId: UserId): StudentAccess {
    if (this.seesWholeDistrict) {
      this.#district ??= this.#decideAccess(PAST_EVERY_ID)
      return this.#district
    }
    const known = this.#students.get(studentId)
    if (known !== undefined) return known
    const access = this.#decideAccess(studentId)
    this.#students.set(studentId, access)
    return access
  }

  /** Undefined if nothing of the contact is shown because of this student. */
  basis(contactId: UserId, studentId: UserId): Basis | undefined {
    const access = this.access(studentId)
    return this.#ownContactIds.has(contactId) ? access.ownContact : access.otherContacts
  }

  /** Whether the viewer has a privilege for every student of a district. */
  mayInDistrict(privilege: typeof VIEW_STUDENT | typeof VIEW_CONTACTS): boolean {
    if (!this.seesWholeDistrict) return false
    const { student, contacts } = this.access(PAST_EVERY_ID)
    return privilege === VIEW_STUDENT ? student.allowed : contacts.allowed
  }

  decide(privilege: Privilege, studentId: UserId): Decision {
    const decision = decide(this.principal, privilege, studentId, this.facts, this.rules)
    this.#onDecision(decision)
    return decision
  }

  #decideAccess(studentId: UserId): StudentAccess {
    return new StudentAccess(
      this.decide(VIEW_STUDENT, studentId),
      () => this.decide(VIEW_CONTACTS, studentId),
      this.principal.kind === 'STUDENT',
    )
  }
}

const viewers = new WeakMap<Principal, { viewer: Viewer; until: number }>()

/**
 * The viewer of an earlier request with the same token, if its decisions still hold: the facts and overrides
 * are the same, and no override has begun or ended.
 */
export function viewerOf(
  principal: Principal,
  facts: Facts | undefined,
  rules: Rules,
  onDecision: (decision: Decision) => void,
): Viewer {
  const known = viewers.get(principal)
  const isFresh = facts === undefined || !isStale(facts, rules)
  if (isFresh && known !== undefined && rules.now < known.until && isSame(known.viewer, facts, rules))
    return known.viewer
  const viewer = new Viewer(principal, facts, rules, onDecision)
  // Stale facts decide nothing. They must not be reused for facts that look the same.
  if (!isFresh) return viewer
  viewers.set(principal, { viewer, until: rules.overrides.validUntil(rules.now) })
  return viewer
}

function isSame({ facts: known, rules: old }: Viewer, facts: Facts | undefined, rules: Rules): boolean {
  if (old.overrides !== rules.overrides || old.policy !== rules.policy || rules.now < old.now) return false
  if (known === undefined || facts === undefined) return known === facts
  return (
    known.students === facts.students &&
    known.staff?.displayName === facts.staff?.displayName &&
    known.contacts.length === facts.contacts.length &&
    known.contacts.every((contact, i) => contact === facts.contacts[i])
  )
}
