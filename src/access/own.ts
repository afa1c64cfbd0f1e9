import type { Districts } from '../clever/districts.ts'
import type { DistrictId, UserId } from '../clever/ids.ts'
import type { Loaders } from '../loaders/create-loaders.ts'
import type { Decision, Facts } from './decide.ts'
import { type Privilege, VIEW_CONTACTS, VIEW_STUDENT } from './policy.ts'
import type { Principal } from './principal.ts'
import type { VisibleContact } from './reader.ts'

/** What is the principal's own, for all who do not see a whole district. Throws what the reader throws. */
export interface Own {
  /** Whom the principal may see, in the order of their ids. */
  students(districtId?: DistrictId): Promise<readonly UserId[]>
  /** Those of the own students, and a guardian's own records; in the order of their ids. */
  contacts(): Promise<ReadonlyMap<UserId, VisibleContact>>
  /** A guardian's own record came with the facts: nobody else's contacts need be read for it. */
  record(id: UserId): Promise<VisibleContact | undefined>
  /** Where to look for a student. */
  districtsOf(studentId: UserId): Promise<readonly DistrictId[]>
  /** A guardian has to do with the districts of her contacts, also where the token names none. */
  readonly districts: Districts
}

export interface OwnOptions {
  readonly principal: Principal
  readonly districts: Districts
  readonly loaders: Loaders
  readonly readFacts: () => Promise<Facts | undefined>
  readonly may: (privilege: Privilege, studentId: UserId) => Promise<Decision>
}

export function createOwn({ principal, districts, loaders, readFacts, may }: OwnOptions): Own {
  let contacts: Promise<ReadonlyMap<UserId, VisibleContact>> | undefined

  async function students(districtId?: DistrictId): Promise<readonly UserId[]> {
    const { contacts = [], students = [] } = (await readFacts()) ?? {}
    const there = contacts.filter((contact) => (districtId ?? contact.districtId) === contact.districtId)
    const related = there.flatMap(({ relationships }) => relationships.map(({ studentId }) => studentId))
    const candidates = [...new Set([...related, ...(students === 'EVERY' ? [] : students)])].sort()
    const decisions = await Promise.all(candidates.map((id) => may(VIEW_STUDENT, id)))
    return candidates.filter((_id, index) => decisions[index]?.allowed)
  }

  async function districtsOf(studentId: UserId): Promise<readonly DistrictId[]> {
    const known = (await readFacts())?.contacts ?? []
    const related = known.filter(({ relationships }) =>
      relationships.some((entry) => entry.studentId === studentId),
    )
    if (related.length > 0) return [...new Set(related.map(({ districtId }) => districtId))]
    return (await districts.all()).map(({ districtId }) => districtId)
  }

  async function readContacts(): Promise<ReadonlyMap<UserId, VisibleContact>> {
    const found = new Map<UserId, VisibleContact>()
    for (const record of (await readFacts())?.contacts ?? []) found.set(record.id, { record, detail: 'FULL' })
    const lists = await Promise.all((await students()).map((id) => contactsThrough(id)))
    for (const contact of lists.flat())
      if (!found.has(contact.record.id)) found.set(contact.record.id, contact)
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  async function contactsThrough(studentId: UserId): Promise<readonly VisibleContact[]> {
    const mayAll = (await may(VIEW_CONTACTS, studentId)).allowed
    if (!mayAll && principal.kind !== 'STUDENT') return []
    const where = await districtsOf(studentId)
    const lists = await Promise.all(where.map((districtId) => loaders.contactsOf(studentId, districtId)))
    return lists.flat().map((record) => ({ record, detail: mayAll ? 'FULL' : 'NAME' }))
  }

  const contactDistricts: Districts = {
    async all() {
      const ids = new Set((await readFacts())?.contacts.map(({ districtId }) => districtId))
      return (await districts.all()).filter(({ districtId }) => ids.has(districtId))
    },
    one: async (id) => (await contactDistricts.all()).find(({ districtId }) => districtId === id),
  }

  return {
    students,
    contacts() {
      contacts ??= readContacts()
      return contacts
    },
    async record(id) {
      const record = (await readFacts())?.contacts.find((contact) => contact.id === id)
      return record && { record, detail: 'FULL' }
    },
    districtsOf,
    districts: principal.kind === 'GUARDIAN' ? contactDistricts : districts,
  }
}
