import type { Districts } from '../clever/districts.ts'
import { PAST_EVERY_ID, type UserId } from '../clever/ids.ts'
import type { ContactRecord, RelationshipEntry } from '../clever/records.ts'
import type { Loaders } from '../loaders/create-loaders.ts'
import { relationshipsOf } from '../loaders/relationships.ts'
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
import type { FactSource } from './facts.ts'
import { createOwn } from './own.ts'
import { type Privilege, VIEW_CONTACTS, VIEW_STUDENT } from './policy.ts'
import type { Principal } from './principal.ts'
import type { Detail, Reader, VisibleContact, Where } from './reader.ts'

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
  onDoubt,
}: ReaderOptions): Reader {
  const ownContactIds = new Set(principal.kind === 'GUARDIAN' ? principal.contactIds : [])
  let facts: Promise<Facts | undefined> | undefined

  /** Facts that grow too old in the midst of a request are read again, past what the request remembers. */
  async function readFacts(): Promise<Facts | undefined> {
    facts ??= source.read(principal, districts, loaders)
    const reading = facts
    const known = await reading
    if (known === undefined || !isStale(known, rules())) return known
    if (facts === reading) facts = source.read(principal, districts, freshLoaders())
    return facts
  }

  async function may(privilege: Privilege, studentId: UserId): Promise<Decision> {
    const decision = decide(principal, privilege, studentId, await readFacts(), rules())
    if (decision.isDoubtful) onDoubt()
    return decision
  }

  const own = createOwn({ principal, districts, loaders, readFacts, may })

  /** How much of a contact may be shown because of this student; undefined for nothing. */
  async function detailThrough(contactId: UserId, studentId: UserId): Promise<Detail | undefined> {
    const student = await may(VIEW_STUDENT, studentId)
    if (!student.allowed) return undefined
    if (ownContactIds.has(contactId)) return disclose(studentId, VIEW_STUDENT, student, contactId, 'FULL')
    const others = await may(VIEW_CONTACTS, studentId)
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

  async function relationshipsVisible(record: ContactRecord, of: (entry: RelationshipEntry) => boolean) {
    const all = relationshipsOf(record).filter(({ entry }) => of(entry))
    const seen = await Promise.all(
      all.map(async ({ id, entry }) => {
        const detail = await detailThrough(record.id, entry.studentId)
        return detail && { id, entry, contact: { record, detail } }
      }),
    )
    return seen.filter((relationship) => relationship !== undefined)
  }

  /** To tell of a contact is to tell of the students that she is a contact of. */
  async function discloseContact(contact: VisibleContact): Promise<VisibleContact> {
    const { id, relationships } = contact.record
    await Promise.all(relationships.map(({ studentId }) => detailThrough(id, studentId)))
    if (!(await isWholeDistrict())) return contact
    // Also for whoever may see contacts, but not the students.
    const { because } = await may(VIEW_CONTACTS, PAST_EVERY_ID)
    for (const { studentId } of relationships) disclosures.add(studentId, VIEW_CONTACTS, because, id)
    return contact
  }

  async function isWholeDistrict(): Promise<boolean> {
    return principal.kind === 'SERVICE' || (await readFacts())?.students === 'EVERY'
  }

  /** Of a district all students are alike: what holds for one, here nobody, holds for each. */
  async function mayInDistrict(privilege: Privilege): Promise<boolean> {
    return (await isWholeDistrict()) && (await may(privilege, PAST_EVERY_ID)).allowed
  }

  async function findContact({ id, districtId }: Where): Promise<VisibleContact | undefined> {
    if (await isWholeDistrict()) {
      if (!(await mayInDistrict(VIEW_CONTACTS))) return undefined
      const record = (await loaders.user(id, districtId))?.contact
      return record && { record, detail: 'FULL' }
    }
    const contact = (await own.record(id)) ?? (await own.contacts()).get(id)
    const isThere =
      contact !== undefined && (districtId ?? contact.record.districtId) === contact.record.districtId
    return isThere ? contact : undefined
  }

  const reader: Reader = {
    districts: own.districts,
    district: loaders.district,

    async student({ id, districtId }) {
      const decision = await may(VIEW_STUDENT, id)
      if (!decision.allowed) return undefined
      const [first, ...others] = await own.districtsOf(id)
      const student = (await loaders.user(id, districtId ?? (others.length === 0 ? first : undefined)))
        ?.student
      if (student !== undefined) disclosures.add(id, VIEW_STUDENT, decision.because)
      return student
    },

    async contact(where) {
      const contact = await findContact(where)
      return contact && discloseContact(contact)
    },

    relationshipsOfContact: ({ record }) => relationshipsVisible(record, () => true),

    async relationshipsOfStudent({ id, districtId }) {
      const mayAll = (await may(VIEW_CONTACTS, id)).allowed || principal.kind === 'STUDENT'
      const records = mayAll
        ? await loaders.contactsOf(id, districtId)
        : ((await readFacts())?.contacts ?? [])
      const lists = await Promise.all(
        records.map((record) => relationshipsVisible(record, (entry) => entry.studentId === id)),
      )
      return lists.flat()
    },

    async relationshipsBetween(where, studentId) {
      if (!(await may(VIEW_STUDENT, studentId)).allowed) return []
      const contact = await findContact(where)
      return contact === undefined
        ? []
        : relationshipsVisible(contact.record, (entry) => entry.studentId === studentId)
    },

    privileges({ contact, entry }) {
      if (isInDoubt(contact.record, entry.studentId, rules())) onDoubt()
      return privilegesOf(contact.record, entry, rules())
    },

    async decideForPair(where, studentId, privilege) {
      const [relationship] = await reader.relationshipsBetween(where, studentId)
      if (relationship === undefined) return { allowed: false, because: 'NO_RELATIONSHIP' }
      const decision = decideForContacts([relationship.contact.record], studentId, privilege, rules())
      if (decision.isDoubtful) onDoubt()
      return decision
    },

    async ownStudents(districtId) {
      if (!(await isWholeDistrict())) return own.students(districtId)
      return (await mayInDistrict(VIEW_STUDENT)) ? 'EVERY' : []
    },

    async ownPrivileges(studentId) {
      const privileges = [...rules().policy.privileges.keys()]
      const decisions = await Promise.all(privileges.map((privilege) => may(privilege, studentId)))
      const { because = 'NO_RELATIONSHIP', allowed = false } =
        decisions[privileges.indexOf(VIEW_STUDENT)] ?? {}
      if (!allowed) return []
      disclosures.add(studentId, VIEW_STUDENT, because)
      return privileges.filter((_privilege, index) => decisions[index]?.allowed)
    },

    async ownContacts(districtId) {
      if (await isWholeDistrict()) return (await mayInDistrict(VIEW_CONTACTS)) ? 'EVERY' : []
      const all = [...(await own.contacts()).values()].map(({ record }) => record)
      return all
        .filter((record) => (districtId ?? record.districtId) === record.districtId)
        .map(({ id }) => id)
    },

    async studentsIn(client, range) {
      if (!(await mayInDistrict(VIEW_STUDENT))) return NOTHING
      const { users, ...page } = await loaders.range(client, { role: 'student', ...range })
      const nodes = users.map(({ student }) => student).filter((student) => student !== undefined)
      const { because } = await may(VIEW_STUDENT, PAST_EVERY_ID)
      for (const { id } of nodes) disclosures.add(id, VIEW_STUDENT, because)
      return { ...page, nodes }
    },

    async contactsIn(client, range) {
      if (!(await mayInDistrict(VIEW_CONTACTS))) return NOTHING
      const { users, ...page } = await loaders.range(client, { role: 'contact', ...range })
      const records = users.map(({ contact }) => contact).filter((contact) => contact !== undefined)
      return {
        ...page,
        nodes: await Promise.all(records.map((record) => discloseContact({ record, detail: 'FULL' }))),
      }
    },

    count: loaders.count,
  }
  return reader
}
