import DataLoader from 'dataloader'
import pLimit from 'p-limit'
import type { CleverClient, Range, RangePage } from '../clever/client.ts'
import type { Districts } from '../clever/districts.ts'
import type { DistrictId, UserId } from '../clever/ids.ts'
import type { ContactRecord, DistrictRecord, UserRecord } from '../clever/records.ts'
import type { Caller } from '../clever/transport.ts'
import { createUserLoader, type UserLoader } from './users.ts'

/** What one request may ask for; throws the CleverErrors and AllowanceSpent. Nothing here outlives the request, so nothing leaks to the next one. */
export interface Loaders {
  readonly user: UserLoader['load']
  /** The contacts of a student, each with all its relationships; empty for a student that is not shared. */
  contactsOf(studentId: UserId, districtId: DistrictId): Promise<readonly ContactRecord[]>
  /** The students of a teacher; empty for somebody who is none. */
  studentsOf(teacherId: UserId, districtId: DistrictId): Promise<readonly UserId[]>
  studentsOfSchool(schoolId: UserId, districtId: DistrictId): Promise<readonly UserId[]>
  district(id: DistrictId): Promise<DistrictRecord | undefined>
  range(client: CleverClient, range: Range): Promise<RangePage>
  count(client: CleverClient, role: Range['role']): Promise<number | undefined>
}

/** Side by side for one request, so that a large one leaves its turn to the others. */
const CALLS_AT_ONCE = 32

export function createLoaders(districts: Districts, caller: Caller): Loaders {
  const limit = pLimit(CALLS_AT_ONCE)
  const users = createUserLoader(districts, caller, limit)

  const contacts = new DataLoader<
    { studentId: UserId; districtId: DistrictId },
    readonly ContactRecord[],
    string
  >((keys) => Promise.all(keys.map((key) => limit(() => readContacts(key)).catch((error) => error))), {
    cacheKeyFn: ({ studentId, districtId }) => `${districtId}/${studentId}`,
  })

  const districtRecords = new DataLoader<DistrictId, DistrictRecord | undefined>((ids) =>
    Promise.all(ids.map((id) => limit(() => readDistrict(id)).catch((error) => error))),
  )

  async function readContacts({ studentId, districtId }: { studentId: UserId; districtId: DistrictId }) {
    const client = await districts.one(districtId)
    if (client === undefined) return []
    const records = await client.contactsOf(studentId, caller)
    for (const record of records) users.prime(client, record)
    return records.map(({ contact }) => contact).filter((contact) => contact !== undefined)
  }

  async function readDistrict(id: DistrictId) {
    return (await districts.one(id))?.district(caller)
  }

  async function readStudents(
    districtId: DistrictId,
    read: (client: CleverClient) => Promise<readonly UserRecord[]>,
  ) {
    const client = await districts.one(districtId)
    if (client === undefined) return []
    const records = await limit(() => read(client))
    for (const record of records) users.prime(client, record)
    return records.map(({ id }) => id)
  }

  return {
    user: users.load,
    contactsOf: (studentId, districtId) => contacts.load({ studentId, districtId }),
    studentsOf: (teacherId, districtId) =>
      readStudents(districtId, (client) => client.studentsOf(teacherId, caller)),
    studentsOfSchool: (schoolId, districtId) =>
      readStudents(districtId, (client) => client.studentsOfSchool(schoolId, caller)),
    district: (id) => districtRecords.load(id),
    async range(client, range) {
      const page = await limit(() => client.range(range, caller))
      for (const record of page.users) users.prime(client, record)
      return page
    },
    count: (client, role) => limit(() => client.count(role, caller)),
  }
}
