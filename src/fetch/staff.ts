import type { LimitFunction } from 'p-limit'
import type { Facts } from '../access/decide.ts'
import type { Staff } from '../access/principal.ts'
import type { Caller } from '../clever/transport.ts'
import type { District } from '../districts.ts'
import type { UserId } from '../model/ids.ts'
import type { UserRecord } from '../model/records.ts'
import { displayName } from '../quality/names.ts'
import { notBefore } from '../store/ages.ts'
import type { Known } from '../store/district-store.ts'
import type { Request } from '../view/request.ts'
import type { Whose } from './district-reader.ts'

const NO_STUDENTS: ReadonlySet<UserId> = new Set()

/**
 * The students of a teacher or of the schools of staff, read from Clever and kept for the requests that follow. Clever is asked
 * whether the person still has the role, because a token outlives it. Throws the CleverErrors.
 */
export async function readStaff(
  request: Request,
  caller: Caller,
  sideBySide: LimitFunction,
): Promise<Known<Facts>> {
  const { services, asker } = request
  const principal = asker.principal
  if (principal.kind !== 'STAFF') throw new Error('only staff has such facts')
  const readAt = services.clock.now()
  const districts = (request.districts() ?? []).map(services.known.of)
  const found = await findStaff(principal, districts, request, caller, sideBySide)
  const facts: Facts = { readAt, contacts: [], ...found }
  services.facts.keep(principal, facts)
  return { value: facts, since: readAt }
}

type StaffFacts = Pick<Facts, 'students' | 'staff'>

/** The facts of a person who does not have the role of the token, any more or at all. */
const NOT_STAFF: StaffFacts = { students: NO_STUDENTS }

async function findStaff(
  { role, userId }: Staff,
  districts: readonly District[],
  request: Request,
  caller: Caller,
  sideBySide: LimitFunction,
): Promise<StaffFacts> {
  const listed = async (district: District, whose: Whose) => {
    const users = await sideBySide(() => district.reads.studentsOf(whose, caller))
    return users.map(({ id }) => id)
  }
  if (role === 'TEACHER') {
    const [user, ...students] = await Promise.all([
      readUser(userId, districts, request, caller, sideBySide),
      ...districts.map((district) => listed(district, { teacherId: userId })),
    ])
    // Clever lists the students of a contact as those of a teacher.
    return user?.isTeacher ? { students: union(students), staff: shown(user) } : NOT_STAFF
  }
  const user = await readUser(userId, districts, request, caller, sideBySide)
  if (user === undefined) return NOT_STAFF
  if (role === 'DISTRICT_ADMIN')
    return user.isDistrictAdmin ? { students: 'EVERY', staff: shown(user) } : NOT_STAFF
  const { districtId, schoolIds = [] } = user.staff ?? {}
  const district = districts.find(({ client }) => client.districtId === districtId)
  if (district === undefined) return NOT_STAFF
  const lists = await Promise.all(schoolIds.map((schoolId) => listed(district, { schoolId })))
  return { students: union(lists), staff: shown(user) }
}

function shown({ id, name }: UserRecord): NonNullable<Facts['staff']> {
  return { id, displayName: displayName(name) }
}

async function readUser(
  id: UserId,
  districts: readonly District[],
  { services }: Request,
  caller: Caller,
  sideBySide: LimitFunction,
): Promise<UserRecord | undefined> {
  const since = notBefore('DECISION', services.known.ages, services.clock)
  const read = await Promise.all(
    districts.map((district) => sideBySide(() => district.reads.user(id, caller, since))),
  )
  return read.find(({ value }) => value !== undefined)?.value
}

function union(lists: readonly (readonly UserId[])[]): ReadonlySet<UserId> {
  return new Set(lists.flat())
}
