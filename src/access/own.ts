import type { CleverClient } from '../clever/client.ts'
import type { Districts } from '../clever/districts.ts'
import type { DistrictId, UserId } from '../clever/ids.ts'
import type { Loaders } from '../loaders/create-loaders.ts'
import { all, type MaybePromise, run, type Steps, wait } from '../maybe-promise.ts'
import type { Decision, Facts } from './decide.ts'
import { type Privilege, VIEW_CONTACTS, VIEW_STUDENT } from './policy.ts'
import type { Principal } from './principal.ts'
import type { VisibleContact } from './reader.ts'

/** What is the principal's own, for all who do not see a whole district. Throws what the reader throws. */
export interface Own {
  /** Whom the principal may see, in the order of their ids. */
  students(districtId?: DistrictId): Steps<readonly UserId[]>
  /** Those of the own students, and a guardian's own records; in the order of their ids. */
  contacts(): Steps<ReadonlyMap<UserId, VisibleContact>>
  /** A guardian's own record came with the facts: nobody else's contacts need be read for it. */
  record(id: UserId): Steps<VisibleContact | undefined>
  /** Where to look for a student. */
  districtsOf(studentId: UserId): Steps<readonly DistrictId[]>
  /** A guardian has to do with the districts of her contacts, also where the token names none. */
  readonly districts: Districts
}

export interface OwnOptions {
  readonly principal: Principal
  readonly districts: Districts
  readonly loaders: Loaders
  readonly readFacts: () => Steps<Facts | undefined>
  readonly may: (privilege: Privilege, studentId: UserId) => Steps<Decision>
}

export function createOwn({ principal, districts, loaders, readFacts, may }: OwnOptions): Own {
  let contacts: MaybePromise<ReadonlyMap<UserId, VisibleContact>> | undefined

  function* students(districtId?: DistrictId): Steps<readonly UserId[]> {
    const { contacts = [], students = [] } = (yield* readFacts()) ?? {}
    const there = contacts.filter((contact) => (districtId ?? contact.districtId) === contact.districtId)
    const related = there.flatMap(({ relationships }) => relationships.map(({ studentId }) => studentId))
    const candidates = [...new Set([...related, ...(students === 'EVERY' ? [] : students)])].sort()
    const decisions = yield* wait(all(candidates.map((id) => run(may(VIEW_STUDENT, id)))))
    return candidates.filter((_id, index) => decisions[index]?.allowed)
  }

  function* districtsOf(studentId: UserId): Steps<readonly DistrictId[]> {
    const known = (yield* readFacts())?.contacts ?? []
    const related = known.filter(({ relationships }) =>
      relationships.some((entry) => entry.studentId === studentId),
    )
    if (related.length > 0) return [...new Set(related.map(({ districtId }) => districtId))]
    return (yield* wait(districts.all())).map(({ districtId }) => districtId)
  }

  function* ownRecords(): Steps<readonly VisibleContact[]> {
    const { contacts = [], readAt: since = 0 } = (yield* readFacts()) ?? {}
    return contacts.map((record) => ({ record, detail: 'FULL', since }))
  }

  function* readContacts(): Steps<ReadonlyMap<UserId, VisibleContact>> {
    const found = new Map((yield* ownRecords()).map((contact) => [contact.record.id, contact]))
    const ids = yield* students()
    const lists = yield* wait(all(ids.map((id) => run(contactsThrough(id)))))
    for (const contact of lists.flat())
      if (!found.has(contact.record.id)) found.set(contact.record.id, contact)
    return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)))
  }

  function* contactsThrough(studentId: UserId): Steps<readonly VisibleContact[]> {
    const mayAll = (yield* may(VIEW_CONTACTS, studentId)).allowed
    if (!mayAll && principal.kind !== 'STUDENT') return []
    const where = yield* districtsOf(studentId)
    const lists = yield* wait(all(where.map((districtId) => loaders.contactsOf(studentId, districtId))))
    return lists.flatMap(({ value, since }) =>
      value.map((record) => ({ record, detail: mayAll ? 'FULL' : 'NAME', since }) as const),
    )
  }

  function* contactDistricts(): Steps<readonly CleverClient[]> {
    const ids = new Set((yield* readFacts())?.contacts.map(({ districtId }) => districtId))
    return (yield* wait(districts.all())).filter(({ districtId }) => ids.has(districtId))
  }

  function* contactDistrict(id: DistrictId): Steps<CleverClient | undefined> {
    return (yield* contactDistricts()).find(({ districtId }) => districtId === id)
  }

  return {
    students,
    *contacts() {
      contacts ??= run(readContacts())
      return yield* wait(contacts)
    },
    *record(id) {
      return (yield* ownRecords()).find(({ record }) => record.id === id)
    },
    districtsOf,
    districts:
      principal.kind === 'GUARDIAN'
        ? { all: () => run(contactDistricts()), one: (id) => run(contactDistrict(id)) }
        : districts,
  }
}
