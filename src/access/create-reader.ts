import type { CleverClient } from '../clever/client.ts'
import type { Districts } from '../clever/districts.ts'
import type { DistrictId } from '../clever/ids.ts'
import { PAST_EVERY_ID, type UserId } from '../clever/ids.ts'
import type { Role } from '../clever/ranges.ts'
import type { ContactRecord, StudentRecord } from '../clever/records.ts'
import type { Change } from '../directory/change.ts'
import type { Known } from '../directory/directory.ts'
import type { Loaders, Where } from '../loaders/create-loaders.ts'
import { type RelationshipRecord, relationshipsOf } from '../loaders/relationships.ts'
import { all, type MaybePromise, run, type Steps, wait } from '../maybe-promise.ts'
import { chooseOwn, choosePage, countThose, createCandidates } from './candidates.ts'
import type { Sight } from './changed-fields.ts'
import {
  type Decision,
  decide,
  decideForContacts,
  type Facts,
  isHeldBack,
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
  Test,
  VisibleChange,
  VisibleContact,
  VisibleRelationship,
} from './reader.ts'
import { seeChange } from './see-change.ts'

const FORWARDS = { direction: 'forwards', beyond: undefined } as const
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
  /** Told of each denial of what would be granted, were the contact not at risk of being two people. */
  readonly onCollision: () => void
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
  onCollision,
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
    if (decision.because === 'COLLISION_RISK') onCollision()
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
    if (isHeldBack(record, entry, rules())) onCollision()
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

  async function* everyStudent(
    client: CleverClient,
    reach: Omit<Reach, 'limit'>,
    readFirst: readonly Role[],
  ) {
    for await (const { value } of loaders.scan(client, { ...reach, role: 'student', readFirst })) yield value
  }

  async function* everyContact(
    client: CleverClient,
    reach: Omit<Reach, 'limit'>,
    readFirst: readonly Role[],
  ) {
    for await (const { value, since } of loaders.scan(client, { ...reach, role: 'contact', readFirst })) {
      yield value.map((record): VisibleContact => ({ record, since, detail: 'FULL' }))
    }
  }

  function* pageOfStudents(client: CleverClient, reach: Reach, test?: Test<StudentRecord>) {
    if (test !== undefined)
      return yield* wait(choosePage(everyStudent(client, reach, test.asksFor), reach, test, ({ id }) => id))
    const { value } = yield* wait(loaders.page(client, { ...reach, role: 'student' }))
    const { records: nodes, ...page } = value
    return { ...page, nodes }
  }

  function* studentsIn(
    client: CleverClient,
    reach: Reach,
    test?: Test<StudentRecord>,
  ): Steps<Page<StudentRecord>> {
    if (!(yield* mayInDistrict(VIEW_STUDENT))) return NOTHING
    const page = yield* pageOfStudents(client, reach, test)
    const { because } = yield* may(VIEW_STUDENT, PAST_EVERY_ID)
    for (const { id } of page.nodes) disclosures.add(id, VIEW_STUDENT, because)
    return page
  }

  function* pageOfContacts(client: CleverClient, reach: Reach, test?: Test<VisibleContact>) {
    if (test !== undefined) {
      const contacts = everyContact(client, reach, test.asksFor)
      return yield* wait(choosePage(contacts, reach, candidates.narrowed(test), ({ record }) => record.id))
    }
    const { value, since } = yield* wait(loaders.page(client, { ...reach, role: 'contact' }))
    const { records, ...page } = value
    return { ...page, nodes: records.map((record) => ({ record, since, detail: 'FULL' as const })) }
  }

  function* contactsIn(
    client: CleverClient,
    reach: Reach,
    test?: Test<VisibleContact>,
  ): Steps<Page<VisibleContact>> {
    if (!(yield* mayInDistrict(VIEW_CONTACTS))) return NOTHING
    const page = yield* pageOfContacts(client, reach, test)
    const nodes = yield* wait(all(page.nodes.map((contact) => run(discloseContact(contact)))))
    return { ...page, nodes }
  }

  function* seesAll(): Steps<boolean> {
    return (yield* mayInDistrict(VIEW_STUDENT)) && (yield* mayInDistrict(VIEW_CONTACTS))
  }

  function* contactsToReport(
    client: CleverClient,
  ): Steps<AsyncIterable<readonly VisibleContact[]> | undefined> {
    return (yield* seesAll()) ? everyContact(client, FORWARDS, ['student', 'contact']) : undefined
  }

  function* countStudents(client: CleverClient, test?: Test<StudentRecord>): Steps<number | undefined> {
    if (!(yield* mayInDistrict(VIEW_STUDENT))) return 0
    if (test === undefined) return yield* wait(loaders.count(client, 'student'))
    return yield* wait(countThose(everyStudent(client, FORWARDS, test.asksFor), test))
  }

  function* countContacts(client: CleverClient, test?: Test<VisibleContact>): Steps<number | undefined> {
    if (!(yield* mayInDistrict(VIEW_CONTACTS))) return 0
    if (test === undefined) return yield* wait(loaders.count(client, 'contact'))
    return yield* wait(countThose(everyContact(client, FORWARDS, test.asksFor), candidates.narrowed(test)))
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
    studentsIn: (...asked) => run(studentsIn(...asked)),
    contactsIn: (...asked) => run(contactsIn(...asked)),
    countStudents: (...asked) => run(countStudents(...asked)),
    countContacts: (...asked) => run(countContacts(...asked)),
    narrow: (contact) => run(candidates.narrow(contact)),
    hasContacts: (student) => run(candidates.hasContacts(student)),
    isStudent: (where) => run(candidates.isStudent(where)),
    hasLookAlike: (contact) => run(candidates.hasLookAlike(contact)),
    seesAll: () => run(seesAll()),
    contactsToReport: (client) => run(contactsToReport(client)),
    change,
    contactOfChange: (visible) => run(contactOfChange(visible)),
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
