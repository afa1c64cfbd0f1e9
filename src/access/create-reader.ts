import type { Districts } from '../clever/districts.ts'
import type { DistrictId } from '../clever/ids.ts'
import { PAST_EVERY_ID, type UserId } from '../clever/ids.ts'
import type { ContactRecord, StudentRecord } from '../clever/records.ts'
import type { Known } from '../directory/directory.ts'
import type { Loaders, Where } from '../loaders/create-loaders.ts'
import { type RelationshipRecord, relationshipsOf } from '../loaders/relationships.ts'
import { all, type MaybePromise, run, type Steps, wait } from '../maybe-promise.ts'
import { chooseOwn, createCandidates } from './candidates.ts'
import { createChangeReader } from './change-reader.ts'
import {
  type Decision,
  decide,
  decideForContacts,
  type Facts,
  isInDoubt,
  isStale,
  privilegesOf,
  type Rules,
  WITHHOLDING,
  withheldBy,
} from './decide.ts'
import type { Disclosures } from './disclosures.ts'
import { createDistrictLists } from './district-lists.ts'
import { type FactSource, FactsUnavailable } from './facts.ts'
import { createOwn } from './own.ts'
import { type Privilege, VIEW_CONTACTS, VIEW_STUDENT } from './policy.ts'
import type { Principal } from './principal.ts'
import type { Detail, Reader, Test, VisibleContact, VisibleRelationship } from './reader.ts'

export interface ReaderOptions {
  readonly principal: Principal
  readonly districts: Districts
  readonly loaders: Loaders
  /** Loaders that remember nothing yet. */
  readonly freshLoaders: () => Loaders
  readonly facts: FactSource
  /** Asked anew for each decision, as time goes on. */
  readonly rules: () => Rules
  readonly disclosures: Disclosures
  /** Whether what is known since then, in ms since the epoch, is young enough for a decision. */
  readonly mayDecideBy: (since: number) => boolean
  /** Told of each denial that may mean somebody else. */
  readonly onDoubt: () => void
  /** Called with the reason each time that privileges are withheld. */
  readonly onWithheld: (reason: (typeof WITHHOLDING)[number]) => void
}

export function createReader({
  principal,
  districts,
  loaders,
  freshLoaders,
  facts: source,
  rules,
  disclosures,
  mayDecideBy,
  onDoubt,
  onWithheld,
}: ReaderOptions): Reader {
  const ownContactIds = new Set(principal.kind === 'GUARDIAN' ? principal.contactIds : [])
  let facts: MaybePromise<Facts | undefined> | undefined

  /** Facts that grow too old in the midst of a request are read again, past what the request remembers. */
  function* readFacts(): Steps<Facts | undefined> {
    facts ??= source.read(principal, districts, loaders)
    const reading = facts
    const known = yield* wait(reading)
    if (known === undefined || !isStale(known, rules())) return known
    if (facts === reading) facts = source.read(principal, districts, freshLoaders())
    return yield* wait(facts)
  }

  function* may(privilege: Privilege, studentId: UserId): Steps<Decision> {
    return counted(decide(principal, privilege, studentId, yield* readFacts(), rules()))
  }

  /** What somebody should look at. */
  function counted(decision: Decision): Decision {
    if (decision.isDoubtful) onDoubt()
    const reason = WITHHOLDING.find((each) => each === decision.because)
    if (reason !== undefined) onWithheld(reason)
    return decision
  }

  const own = createOwn({ principal, districts, loaders, readFacts, may })
  const candidates = createCandidates({
    loaders,
    may,
    *isVisible(contactId, studentId) {
      return (yield* groundsThrough(contactId, studentId)) !== undefined
    },
    *seesAllStudents() {
      return (yield* isWholeDistrict()) ? yield* mayInDistrict(VIEW_STUDENT) : undefined
    },
    contactsOf,
  })

  /** How much of a contact may be shown because of this student, and why; undefined for nothing. */
  function* groundsThrough(contactId: UserId, studentId: UserId): Steps<Grounds | undefined> {
    const student = yield* may(VIEW_STUDENT, studentId)
    if (!student.allowed) return undefined
    const { because } = student
    if (ownContactIds.has(contactId)) return { detail: 'FULL', privilege: VIEW_STUDENT, because }
    const others = yield* may(VIEW_CONTACTS, studentId)
    if (others.allowed) return { detail: 'FULL', privilege: VIEW_CONTACTS, because: others.because }
    return principal.kind === 'STUDENT' ? { detail: 'NAME', privilege: VIEW_STUDENT, because } : undefined
  }

  /** The same, to be told. */
  function* detailThrough(contactId: UserId, studentId: UserId): Steps<Detail | undefined> {
    const grounds = yield* groundsThrough(contactId, studentId)
    if (grounds !== undefined) disclosures.add(studentId, grounds.privilege, grounds.because, contactId)
    return grounds?.detail
  }

  function* relationshipVisible(
    { record, since }: Told,
    { id, entry }: RelationshipRecord,
  ): Steps<VisibleRelationship | undefined> {
    const detail = yield* detailThrough(record.id, entry.studentId)
    return detail && { id, entry, contact: { record, since, detail } }
  }

  function* relationshipsVisible(told: Told, studentId?: UserId): Steps<readonly VisibleRelationship[]> {
    const entries = relationshipsOf(told.record).filter(
      ({ entry }) => (studentId ?? entry.studentId) === entry.studentId,
    )
    const seen = yield* wait(all(entries.map((entry) => run(relationshipVisible(told, entry)))))
    return seen.filter((relationship) => relationship !== undefined)
  }

  /** To tell of a contact is to tell of the students that she is a contact of. */
  function* discloseContact(contact: VisibleContact): Steps<VisibleContact> {
    const { id, relationships } = contact.record
    yield* wait(all(relationships.map(({ studentId }) => run(detailThrough(id, studentId)))))
    if (!(yield* isWholeDistrict())) return contact
    // Also for whoever may see contacts, but not the students.
    const { because } = yield* may(VIEW_CONTACTS, PAST_EVERY_ID)
    for (const { studentId } of relationships) disclosures.add(studentId, VIEW_CONTACTS, because, id)
    return contact
  }

  function* isWholeDistrict(): Steps<boolean> {
    return principal.kind === 'SERVICE' || (yield* readFacts())?.students === 'EVERY'
  }

  /** Of a district all students are alike: what holds for one, here nobody, holds for each. */
  function* mayInDistrict(privilege: Privilege): Steps<boolean> {
    return (yield* isWholeDistrict()) && (yield* may(privilege, PAST_EVERY_ID)).allowed
  }

  function* findContact({ id, districtId }: Where): Steps<VisibleContact | undefined> {
    if (yield* isWholeDistrict()) {
      if (!(yield* mayInDistrict(VIEW_CONTACTS))) return undefined
      const { value: record, since } = yield* wait(loaders.record('contact', { id, districtId }))
      return record && { record, since, detail: 'FULL' }
    }
    const contact = (yield* own.record(id)) ?? (yield* own.contacts()).get(id)
    const isThere =
      contact !== undefined && (districtId ?? contact.record.districtId) === contact.record.districtId
    return isThere ? contact : undefined
  }

  function* student({ id, districtId }: Where): Steps<StudentRecord | undefined> {
    const decision = yield* may(VIEW_STUDENT, id)
    if (!decision.allowed) return undefined
    const student = yield* ownStudent(id, districtId)
    if (student !== undefined) disclosures.add(id, VIEW_STUDENT, decision.because)
    return student
  }

  function* contact(where: Where): Steps<VisibleContact | undefined> {
    const found = yield* findContact(where)
    return found && (yield* discloseContact(found))
  }

  /** What decides is the contact of today: who may see the one that has gone, or was it, has no part in it. */
  function* contactOrSuccessor(where: Where): Steps<VisibleContact | undefined> {
    const found = yield* contact(where)
    if (found !== undefined) return found
    const successor = yield* wait(loaders.successorOf(where))
    const instead = successor && (yield* contact(successor))
    return instead && { ...instead, askedAs: where.id }
  }

  function* contactsOf({ id, districtId }: StudentRecord): Steps<Known<readonly ContactRecord[]>> {
    const mayAll = (yield* may(VIEW_CONTACTS, id)).allowed || principal.kind === 'STUDENT'
    return mayAll ? yield* wait(loaders.contactsOf(id, districtId)) : yield* ownFacts()
  }

  function* relationshipsOfStudent(student: StudentRecord): Steps<readonly VisibleRelationship[]> {
    const { value: records, since } = yield* contactsOf(student)
    const lists = yield* wait(
      all(records.map((record) => run(relationshipsVisible({ record, since }, student.id)))),
    )
    return lists.flat()
  }

  function* ownFacts(): Steps<Known<readonly ContactRecord[]>> {
    const { contacts: value = [], readAt: since = 0 } = (yield* readFacts()) ?? {}
    return { value, since }
  }

  function* relationshipsBetween(where: Where, studentId: UserId): Steps<readonly VisibleRelationship[]> {
    if (!(yield* may(VIEW_STUDENT, studentId)).allowed) return []
    const found = yield* findContact(where)
    return found === undefined ? [] : yield* relationshipsVisible(found, studentId)
  }

  /**
   * A contact as of now, to decide by: what is shown may be older than a decision allows. Throws FactsUnavailable when
   * Clever cannot be asked.
   */
  function* asOfNow({ record, since }: Told): Steps<ContactRecord | undefined> {
    if (mayDecideBy(since)) return record
    const { id, districtId } = record
    try {
      return (yield* wait(loaders.record('contact', { id, districtId }, 'DECISION'))).value
    } catch (error) {
      throw new FactsUnavailable('what the privileges rest on cannot be read', { cause: error })
    }
  }

  function* privileges({ id, contact }: VisibleRelationship): Steps<readonly Privilege[]> {
    const record = yield* asOfNow(contact)
    const entry = record && relationshipsOf(record).find((relationship) => relationship.id === id)?.entry
    // The entry has gone since, and with it what it gave.
    if (record === undefined || entry === undefined) return []
    if (isInDoubt(record, entry.studentId, rules())) onDoubt()
    for (const reason of withheldBy(record, entry, rules())) onWithheld(reason)
    return privilegesOf(record, entry, rules())
  }

  function* decideForPair(where: Where, studentId: UserId, privilege: Privilege): Steps<Decision> {
    const [relationship] = yield* relationshipsBetween(where, studentId)
    const record = relationship && (yield* asOfNow(relationship.contact))
    if (record === undefined) return { allowed: false, because: 'NO_RELATIONSHIP' }
    return counted(decideForContacts([record], studentId, privilege, rules()))
  }

  function* ownStudents(
    districtId?: DistrictId,
    test?: Test<StudentRecord>,
  ): Steps<readonly UserId[] | 'EVERY'> {
    if (yield* isWholeDistrict()) return (yield* mayInDistrict(VIEW_STUDENT)) ? 'EVERY' : []
    const ids = yield* own.students(districtId)
    if (test === undefined) return ids
    const students = ids.map((id) => run(ownStudent(id, districtId)))
    return (yield* wait(chooseOwn(students, test))).map(({ id }) => id)
  }

  function* ownStudent(id: UserId, districtId?: DistrictId): Steps<StudentRecord | undefined> {
    const [first, ...others] = yield* own.districtsOf(id)
    const where = { id, districtId: districtId ?? (others.length === 0 ? first : undefined) }
    return (yield* wait(loaders.record('student', where))).value
  }

  function* ownPrivileges(studentId: UserId): Steps<readonly Privilege[]> {
    const privileges = [...rules().policy.privileges.keys()]
    const decisions = yield* wait(all(privileges.map((privilege) => run(may(privilege, studentId)))))
    const { because = 'NO_RELATIONSHIP', allowed = false } = decisions[privileges.indexOf(VIEW_STUDENT)] ?? {}
    if (!allowed) return []
    disclosures.add(studentId, VIEW_STUDENT, because)
    return privileges.filter((_privilege, index) => decisions[index]?.allowed)
  }

  function* ownContacts(
    districtId?: DistrictId,
    test?: Test<VisibleContact>,
  ): Steps<readonly UserId[] | 'EVERY'> {
    if (yield* isWholeDistrict()) return (yield* mayInDistrict(VIEW_CONTACTS)) ? 'EVERY' : []
    const contacts = [...(yield* own.contacts()).values()].filter(
      ({ record }) => (districtId ?? record.districtId) === record.districtId,
    )
    const chosen = test === undefined ? contacts : yield* wait(chooseOwn(contacts, candidates.narrowed(test)))
    return chosen.map(({ record }) => record.id)
  }

  const lists = createDistrictLists({
    loaders,
    disclosures,
    candidates,
    may,
    mayInDistrict,
    discloseContact,
  })
  const changes = createChangeReader({
    districts,
    loaders,
    ownContactIds,
    isWholeDistrict,
    mayInDistrict,
    discloseContact,
    relationshipsVisible,
  })

  return {
    districts: own.districts,
    district: loaders.district,
    student: (where) => run(student(where)),
    contact: (where) => run(contact(where)),
    contactOrSuccessor: (where) => run(contactOrSuccessor(where)),
    previousIds: ({ record }) => loaders.previousIds(record),
    relationshipsOfContact: (contact) => run(relationshipsVisible(contact)),
    relationshipsOfStudent: (student) => run(relationshipsOfStudent(student)),
    relationshipsBetween: (where, studentId) => run(relationshipsBetween(where, studentId)),
    privileges: (relationship) => run(privileges(relationship)),
    decideForPair: (...asked) => run(decideForPair(...asked)),
    ownStudents: (...asked) => run(ownStudents(...asked)),
    ownContacts: (...asked) => run(ownContacts(...asked)),
    ownPrivileges: (studentId) => run(ownPrivileges(studentId)),
    studentsIn: (...asked) => run(lists.studentsIn(...asked)),
    contactsIn: (...asked) => run(lists.contactsIn(...asked)),
    countStudents: (...asked) => run(lists.countStudents(...asked)),
    countContacts: (...asked) => run(lists.countContacts(...asked)),
    narrow: (contact) => run(candidates.narrow(contact)),
    hasContacts: (student) => run(candidates.hasContacts(student)),
    isStudent: (where) => run(candidates.isStudent(where)),
    hasLookAlike: (contact) => run(candidates.hasLookAlike(contact)),
    seesAll: () => run(lists.seesAll()),
    contactsToReport: (client) => run(lists.contactsToReport(client)),
    ...changes,
  }
}

/** How much of a contact may be shown, by which right, and why. */
interface Grounds {
  readonly detail: Detail
  readonly privilege: Privilege
  readonly because: Decision['because']
}

/** A contact, and when Clever said so (ms since the epoch). */
type Told = Pick<VisibleContact, 'record' | 'since'>
