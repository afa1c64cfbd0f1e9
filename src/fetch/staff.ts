import type { LimitFunction } from 'p-limit'
import type { Facts } from '../access/decide.ts'
import type { StaffPrincipal } from '../access/principal.ts'
import type { CallContext } from '../clever/transport.ts'
import type { District } from '../districts.ts'
import type { UserId } from '../model/ids.ts'
import type { UserRecord } from '../model/records.ts'
import { displayName } from '../quality/names.ts'
import { minAsOf } from '../store/ages.ts'
import type { Dated } from '../store/district-store.ts'
import type { Request } from '../view/request.ts'
import type { StudentsFilter } from './district-reader.ts'

const NO_STUDENTS: ReadonlySet<UserId> = new Set()

/**
 * The students of a teacher or of the schools of staff, read from Clever and kept for the requests that follow. Clever is asked
 * whether the person still has the role, because a token outlives it. Throws the CleverErrors.
 */
export async function readStaff(
  request: Request,
  callContext: CallContext,
  limitCalls: LimitFunction,
): Promise<Dated<Facts>> {
  const { services, context } = request
  const principal = context.principal
  if (principal.kind !== 'STAFF') throw new Error('only staff has such facts')
  const readAt = services.clock.now()
  const districts = (request.districts() ?? []).map(services.districts.of)
  const found = await findStaff(principal, districts, request, callContext, limitCalls)
  const facts: Facts = { readAt, contacts: [], ...found }
  services.facts.keep(principal, facts)
  return { value: facts, asOf: readAt }
}

type StaffFacts = Pick<Facts, 'students' | 'staff'>

/** The facts of a person who does not have the role of the token. */
const NOT_STAFF: StaffFacts = { students: NO_STUDENTS }

async function findStaff(
  { role, userId }: StaffPrincipal,
  districts: readonly District[],
  request: Request,
  callContext: CallContext,
  limitCalls: LimitFunction,
): Promise<StaffFacts> {
  const listed = async (district: District, filter: StudentsFilter) => {
    const users = await limitCalls(() => district.reader.studentsOf(filter, callContext))
    return users.map(({ id }) => id)
  }
  if (role === 'TEACHER') {
    const [user, ...students] = await Promise.all([
      readUser(userId, districts, request, callContext, limitCalls),
      ...districts.map((district) => listed(district, { teacherId: userId })),
    ])
    // Clever also lists students for an id that is a contact, so the role must be checked.
    return user?.isTeacher ? { students: union(students), staff: shown(user) } : NOT_STAFF
  }
  const user = await readUser(userId, districts, request, callContext, limitCalls)
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
  callContext: CallContext,
  limitCalls: LimitFunction,
): Promise<UserRecord | undefined> {
  const asOf = minAsOf('DECISION', services.districts.ages, services.clock)
  const read = await Promise.all(
    districts.map((district) => limitCalls(() => district.reader.user(id, callContext, asOf))),
  )
  return read.find(({ value }) => value !== undefined)?.value
}

function union(lists: readonly (readonly UserId[])[]): ReadonlySet<UserId> {
  return new Set(lists.flat())
}
