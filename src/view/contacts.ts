import {
  type Decision,
  decideForContacts,
  isUncertainDenial,
  privilegesOf,
  withheldFor,
} from '../access/decide.ts'
import { FactsUnavailable } from '../access/facts.ts'
import { type Privilege, VIEW_CONTACTS } from '../access/policy.ts'
import type { District } from '../districts.ts'
import type { DistrictId, UserId } from '../model/ids.ts'
import { type ContactRecord, hasEntryTo, type RelationshipEntry } from '../model/records.ts'
import { relationshipsOf } from '../model/relationship-ids.ts'
import type { ContactNode } from './contact-node.ts'
import { MISSING } from './missing.ts'
import type { RelationshipNode } from './relationship-node.ts'
import { districtsOf, ownStudentIds, relationshipsTo } from './students.ts'
import type { RecordKey, View } from './view.ts'
import { disclose, seeContact } from './visible.ts'

/** Undefined for a contact that does not exist or may not be seen. Throws the errors of View.record. */
export function findContact(view: View, where: RecordKey): ContactNode | undefined {
  const found = findVisible(view, where)
  return found && disclose(view, found)
}

/**
 * The same, but if the viewer may see no contact with this id, it returns the contact's successor, by the
 * same rules. The decision is about the current contact.
 */
export function findContactOrSuccessor(view: View, where: RecordKey): ContactNode | undefined {
  const found = findContact(view, where)
  if (found !== undefined) return found
  const districts = view
    .districts()
    .filter(({ client }) => (where.districtId ?? client.districtId) === client.districtId)
    .filter((district) => mayHaveContacts(view, district))
  // One round reads what all districts need.
  for (const district of districts) collect(view, () => [view.idHistory(district)])
  if (view.missing.size > 0) throw MISSING
  for (const { client, idHistory } of districts) {
    const successor = idHistory.successorOf(where.id)
    if (successor !== undefined) return findContact(view, { id: successor, districtId: client.districtId })
  }
  return undefined
}

/** The contact that has replaced the contact with this id, if the viewer may see it. Costs the same if there is none, or a hidden one. */
export function findSuccessor(view: View, id: UserId, districtId: DistrictId): ContactNode | undefined {
  const district = view.district(districtId)
  if (district === undefined || !mayHaveContacts(view, district)) return undefined
  const successor = view.idHistory(district).successorOf(id)
  return successor && findContact(view, { id: successor, districtId })
}

/** Whether the viewer may see any contact of the district. Only then is its id history read. */
function mayHaveContacts(view: View, { client }: District): boolean {
  const { viewer } = view
  if (viewer.seesWholeDistrict) return viewer.mayInDistrict(VIEW_CONTACTS)
  return ownContacts(view)
    .values()
    .some(({ record }) => record.districtId === client.districtId)
}

/** The ids that a contact had before, the latest first. */
export function previousIdsOf(view: View, { record }: ContactNode): readonly UserId[] {
  const district = view.district(record.districtId)
  return district === undefined ? [] : view.idHistory(district).previousIds(record.id)
}

/** Finds a contact by the viewer's rules, without disclosing it. */
function findVisible(view: View, { id, districtId }: RecordKey): ContactNode | undefined {
  const { viewer } = view
  if (viewer.seesWholeDistrict) {
    if (!viewer.mayInDistrict(VIEW_CONTACTS)) return undefined
    const { value: record, asOf } = view.record('contact', { id, districtId })
    return record && seeContact(view, record, 'FULL', asOf)
  }
  const found = ownRecord(view, id) ?? ownContacts(view).get(id)
  const isThere = found !== undefined && (districtId ?? found.record.districtId) === found.record.districtId
  return isThere ? found : undefined
}

/** A guardian's own record comes with the facts: no other contact has to be read for it. */
function ownRecord(view: View, id: UserId): ContactNode | undefined {
  const { facts } = view.viewer
  const record = facts?.contacts.find((contact) => contact.id === id)
  return record && seeContact(view, record, 'FULL', facts?.readAt ?? 0)
}

/** The viewer's own records and the contacts of the viewer's own students, in the order of their ids. */
export function ownContacts(view: View): ReadonlyMap<UserId, ContactNode> {
  return view.once('ownContacts', () => {
    const found = new Map<UserId, ContactNode>()
    for (const { id } of view.viewer.facts?.contacts ?? []) {
      const own = ownRecord(view, id)
      if (own !== undefined) found.set(id, own)
    }
    for (const studentId of ownStudentIds(view)) {
      for (const contact of collect(view, () => contactsThrough(view, studentId)))
        if (!found.has(contact.id)) found.set(contact.id, contact)
    }
    if (view.missing.size > 0) throw MISSING
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}

/** Goes on after a missing value, so that one round fetches what all students need. */
export function collect<Value>(view: View, read: () => readonly Value[]): readonly Value[] {
  const before = view.missing.size
  try {
    return read()
  } catch (error) {
    if (error !== MISSING || view.missing.size < before) throw error
    return []
  }
}

function contactsThrough(view: View, studentId: UserId): readonly ContactNode[] {
  const mayAll = view.viewer.access(studentId).contacts.allowed
  if (!mayAll && view.viewer.principal.kind !== 'STUDENT') return []
  const lists = districtsOf(view, studentId).map((districtId) => view.contactsOf(studentId, districtId))
  return lists.flatMap(({ value, asOf }) =>
    value
      .filter((contact) => hasEntryTo(contact, studentId))
      .map((record) => seeContact(view, record, mayAll ? 'FULL' : 'NAME', asOf)),
  )
}

/** The relationships between the contact and the student. Empty if the viewer may not see them. */
export function relationshipsBetween(
  view: View,
  where: RecordKey,
  studentId: UserId,
): readonly RelationshipNode[] {
  if (!view.viewer.access(studentId).student.allowed) return []
  const found = findVisible(view, where)
  return found === undefined
    ? []
    : relationshipsTo(view, found.record, view.asOfTime(found.record), studentId)
}

/** The decision about a pair. NO_RELATIONSHIP also for a pair that the viewer may not see. */
export function decideForPair(
  view: View,
  where: RecordKey,
  studentId: UserId,
  privilege: Privilege,
): Decision {
  const [relationship] = relationshipsBetween(view, where, studentId)
  const record = relationship && asOfNow(view, relationship.contact)
  if (record === undefined) return { allowed: false, reason: 'NO_RELATIONSHIP' }
  const decision = decideForContacts([record], studentId, privilege, view.viewer.rules)
  view.request.services.onDecision(decision)
  return decision
}

/**
 * The privileges that a relationship entry gives its contact. This is a decision, so it needs a fresh record.
 * Throws FactsUnavailable.
 */
export function privilegesOfRelationship(
  view: View,
  { source, contact }: RelationshipNode,
): readonly Privilege[] {
  const record = asOfNow(view, contact)
  if (record === undefined) return []
  const entry = record === contact.record ? source.entry : entriesById(view, record).get(source.id)
  // The entry is gone, and with it its privileges.
  if (entry === undefined) return []
  // A query may ask for the same entry under many names, and through each of its students.
  return view.once(entry, () => decidePrivileges(view, record, entry))
}

function decidePrivileges(view: View, record: ContactRecord, entry: RelationshipEntry): readonly Privilege[] {
  const { rules } = view.viewer
  const { onDecision } = view.request.services
  if (isUncertainDenial(record, entry.studentId, rules))
    onDecision({ allowed: false, reason: 'OVERRIDE_DENIES', isUncertain: true })
  for (const reason of withheldFor(record, entry, rules)) onDecision({ allowed: false, reason })
  return privilegesOf(record, entry, rules)
}

function entriesById(view: View, record: ContactRecord): ReadonlyMap<string, RelationshipEntry> {
  return view.once(`entries ${record.id}`, () => {
    return new Map(relationshipsOf(record).map(({ id, entry }) => [id, entry]))
  })
}

/** A contact record that is fresh enough for a decision. The displayed record may be older. */
function asOfNow(view: View, { record }: ContactNode): ContactRecord | undefined {
  const asOf = view.asOfTime(record)
  const { decisionMs: decision } = view.request.services.districts.ages
  const isFresh = asOf >= view.request.startedAt || (decision > 0 && asOf >= view.now - decision)
  if (isFresh) return record
  const { id, districtId } = record
  try {
    return view.record('contact', { id, districtId }, 'DECISION').value
  } catch (error) {
    if (error === MISSING) throw error
    throw new FactsUnavailable('what the privileges rest on cannot be read', { cause: error })
  }
}
