import type { CleverClient } from '../clever/client.ts'
import type { Districts } from '../clever/districts.ts'
import type { DistrictId } from '../clever/ids.ts'
import { PAST_EVERY_ID, type UserId } from '../clever/ids.ts'
import type { ContactRecord, StudentRecord } from '../clever/records.ts'
import type { Change } from '../directory/change.ts'
import type { Known } from '../directory/directory.ts'
import type { Loaders, Where } from '../loaders/create-loaders.ts'
import { type RelationshipRecord, relationshipsOf } from '../loaders/relationships.ts'
import { all, type MaybePromise, run, type Steps, wait } from '../maybe-promise.ts'
import type { Sight } from './changed-fields.ts'
import {
  type Decision,
  decide,
  decideForContacts,
  type Facts,
  isInDoubt,
  isStale,
  privilegesOf,
  type Rules,
} from './decide.ts'
import type { Disclosures } from './disclosures.ts'
import { type FactSource, FactsUnavailable } from './facts.ts'
import { createOwn } from './own.ts'
import { type Privilege, VIEW_CONTACTS, VIEW_STUDENT } from './policy.ts'
import type { Principal } from './principal.ts'
import type {
  Detail,
  Page,
  Reach,
  Reader,
  VisibleChange,
  VisibleContact,
  VisibleRelationship,
} from './reader.ts'
import { seeChange } from './see-change.ts'

const NOTHING = { nodes: [], firstId: undefined, lastId: undefined, hasMore: false }

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
    const decision = decide(principal, privilege, studentId, yield* readFacts(), rules())
    if (decision.isDoubtful) onDoubt()
    return decision
  }

  const own = createOwn({ principal, districts, loaders, readFacts, may })

  /** How much of a contact may be shown because of this student; undefined for nothing. */
  function* detailThrough(contactId: UserId, studentId: UserId): Steps<Detail | undefined> {
    const student = yield* may(VIEW_STUDENT, studentId)
    if (!student.allowed) return undefined
    if (ownContactIds.has(contactId)) return disclose(studentId, VIEW_STUDENT, student, contactId, 'FULL')
    const others = yield* may(VIEW_CONTACTS, studentId)
    if (others.allowed) return disclose(studentId, VIEW_CONTACTS, others, contactId, 'FULL')
    if (principal.kind === 'STUDENT') return disclose(studentId, VIEW_STUDENT, student, contactId, 'NAME')
    return undefined
  }

  function disclose(
    studentId: UserId,
    privilege: Privilege,
    { because }: Decision,
    contactId: UserId,
    detail: Detail,
  ) {
    disclosures.add(studentId, privilege, because, contactId)
    return detail
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
    const [first, ...others] = yield* own.districtsOf(id)
    const where = { id, districtId: districtId ?? (others.length === 0 ? first : undefined) }
    const { value: student } = yield* wait(loaders.record('student', where))
    if (student !== undefined) disclosures.add(id, VIEW_STUDENT, decision.because)
    return student
  }

  function* contact(where: Where): Steps<VisibleContact | undefined> {
    const found = yield* findContact(where)
    return found && (yield* discloseContact(found))
  }

  function* relationshipsOfStudent({ id, districtId }: StudentRecord): Steps<readonly VisibleRelationship[]> {
    const mayAll = (yield* may(VIEW_CONTACTS, id)).allowed || principal.kind === 'STUDENT'
    const { value: records, since } = mayAll
      ? yield* wait(loaders.contactsOf(id, districtId))
      : yield* ownFacts()
    const lists = yield* wait(all(records.map((record) => run(relationshipsVisible({ record, since }, id)))))
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
    return privilegesOf(record, entry, rules())
  }

  function* decideForPair(where: Where, studentId: UserId, privilege: Privilege): Steps<Decision> {
    const [relationship] = yield* relationshipsBetween(where, studentId)
    const record = relationship && (yield* asOfNow(relationship.contact))
    if (record === undefined) return { allowed: false, because: 'NO_RELATIONSHIP' }
    const decision = decideForContacts([record], studentId, privilege, rules())
    if (decision.isDoubtful) onDoubt()
    return decision
  }

  function* ownStudents(districtId?: DistrictId): Steps<readonly UserId[] | 'EVERY'> {
    if (!(yield* isWholeDistrict())) return yield* own.students(districtId)
    return (yield* mayInDistrict(VIEW_STUDENT)) ? 'EVERY' : []
  }

  function* ownPrivileges(studentId: UserId): Steps<readonly Privilege[]> {
    const privileges = [...rules().policy.privileges.keys()]
    const decisions = yield* wait(all(privileges.map((privilege) => run(may(privilege, studentId)))))
    const { because = 'NO_RELATIONSHIP', allowed = false } = decisions[privileges.indexOf(VIEW_STUDENT)] ?? {}
    if (!allowed) return []
    disclosures.add(studentId, VIEW_STUDENT, because)
    return privileges.filter((_privilege, index) => decisions[index]?.allowed)
  }

  function* ownContacts(districtId?: DistrictId): Steps<readonly UserId[] | 'EVERY'> {
    if (yield* isWholeDistrict()) return (yield* mayInDistrict(VIEW_CONTACTS)) ? 'EVERY' : []
    const records = [...(yield* own.contacts()).values()].map(({ record }) => record)
    return records
      .filter((record) => (districtId ?? record.districtId) === record.districtId)
      .map(({ id }) => id)
  }

  function* studentsIn(client: CleverClient, reach: Reach): Steps<Page<StudentRecord>> {
    if (!(yield* mayInDistrict(VIEW_STUDENT))) return NOTHING
    const { records: nodes, ...page } = (yield* wait(loaders.page(client, { ...reach, role: 'student' })))
      .value
    const { because } = yield* may(VIEW_STUDENT, PAST_EVERY_ID)
    for (const { id } of nodes) disclosures.add(id, VIEW_STUDENT, because)
    return { ...page, nodes }
  }

  function* contactsIn(client: CleverClient, reach: Reach): Steps<Page<VisibleContact>> {
    if (!(yield* mayInDistrict(VIEW_CONTACTS))) return NOTHING
    const { value, since } = yield* wait(loaders.page(client, { ...reach, role: 'contact' }))
    const { records, ...page } = value
    const disclosed = records.map((record) => run(discloseContact({ record, since, detail: 'FULL' })))
    return { ...page, nodes: yield* wait(all(disclosed)) }
  }

  /** By a record that may be older or newer than what is known: what may be seen of such a contact as of now. */
  function* sightOf(record: ContactRecord): Steps<Sight | undefined> {
    const told = { record, since: 0 }
    if (yield* isWholeDistrict()) {
      if (!(yield* mayInDistrict(VIEW_CONTACTS))) return undefined
      yield* discloseContact({ ...told, detail: 'FULL' })
    }
    const visible = yield* relationshipsVisible(told)
    const entries = visible.map(({ entry }) => entry)
    if (ownContactIds.has(record.id) || (yield* isWholeDistrict())) return { record, entries, detail: 'FULL' }
    if (!(yield* isAnyShared(record, entries))) return undefined
    return {
      record,
      entries,
      detail: visible.some(({ contact }) => contact.detail === 'FULL') ? 'FULL' : 'NAME',
    }
  }

  /** Clever names no contacts of a student who is not shared, so nobody is seen through her. */
  function* isAnyShared({ districtId }: ContactRecord, entries: Sight['entries']): Steps<boolean> {
    const ids = [...new Set(entries.map(({ studentId }) => studentId))]
    const students = yield* wait(all(ids.map((id) => loaders.record('student', { id, districtId }))))
    return students.some(({ value }) => value !== undefined)
  }

  const eyes = {
    sightOf,
    isWholeDistrict,
    // By the token: a guardian whose own record has gone hears of that too.
    *mayReach(districtId: DistrictId) {
      return (yield* wait(districts.one(districtId))) !== undefined
    },
  }
  const changes = new Map<Change, MaybePromise<VisibleChange | undefined>>()

  function change(each: Change): MaybePromise<VisibleChange | undefined> {
    const seen = changes.get(each) ?? run(seeChange(each, eyes))
    changes.set(each, seen)
    return seen
  }

  function* contactOfChange({ change, kind }: VisibleChange): Steps<VisibleContact | undefined> {
    if (kind === 'DELETED') return undefined
    const { contactId: id, districtId } = change
    const { value: record, since } = yield* wait(loaders.record('contact', { id, districtId }))
    const sight = record && (yield* sightOf(record))
    return sight && { record: sight.record, detail: sight.detail, since }
  }

  return {
    districts: own.districts,
    district: loaders.district,
    student: (where) => run(student(where)),
    contact: (where) => run(contact(where)),
    relationshipsOfContact: (contact) => run(relationshipsVisible(contact)),
    relationshipsOfStudent: (student) => run(relationshipsOfStudent(student)),
    relationshipsBetween: (where, studentId) => run(relationshipsBetween(where, studentId)),
    privileges: (relationship) => run(privileges(relationship)),
    decideForPair: (...asked) => run(decideForPair(...asked)),
    ownStudents: (districtId) => run(ownStudents(districtId)),
    ownContacts: (districtId) => run(ownContacts(districtId)),
    ownPrivileges: (studentId) => run(ownPrivileges(studentId)),
    studentsIn: (client, reach) => run(studentsIn(client, reach)),
    contactsIn: (client, reach) => run(contactsIn(client, reach)),
    count: loaders.count,
    change,
    contactOfChange: (visible) => run(contactOfChange(visible)),
  }
}

/** A contact, and when Clever said so (ms since the epoch). */
type Told = Pick<VisibleContact, 'record' | 'since'>
