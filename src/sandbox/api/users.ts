import { type RoleName, roleNames, roleOf, schoolsOf, type User } from '../roster/records.ts'
import { type Answer, failure, json, notFound } from './answer.ts'
import type { Ask } from './ask.ts'
import { districtAnswer } from './districts.ts'
import type { Effort } from './latency.ts'
import { countAnswer, listAnswer } from './page.ts'
import { renderUser, userRow } from './render-user.ts'
import { schoolRow } from './schools.ts'

export function listUsers(ask: Ask): Answer {
  const role = ask.query.get('role') || undefined
  if (role !== undefined && !isRole(role)) return failure(400, `Invalid role: ${role}`)
  const users = ask.district.roster.users(role)
  return (
    countAnswer(ask, users.length) ??
    listAnswer(ask, users, { kind: 'list', row: rowFor(ask), cursors: ask.cursors })
  )
}

const rowFor =
  ({ version }: Ask) =>
  (user: User) =>
    userRow(user, version)

export function isRole(text: string): text is RoleName {
  return roleNames.some((role) => role === text)
}

/** Links are in camelCase, while every route also answers to any other case. For contacts they are a guess. */
const linksOfRole: Record<RoleName, readonly string[]> = {
  student: ['district', 'sections', 'myContacts', 'myTeachers', 'schools'],
  teacher: ['district', 'sections', 'myStudents', 'schools'],
  staff: ['district', 'schools'],
  district_admin: ['district'],
  contact: ['district', 'myStudents'],
}

export const getUser = forUser((user, ask) => {
  const self = `${ask.version}/users/${user.id}`
  const related = linksOfRole[roleOf(user)].map((rel) => ({ rel, uri: `${self}/${rel}` }))
  return json(
    { data: renderUser(user, ask.version), links: [{ rel: 'self', uri: self }, ...related] },
    { kind: 'single' },
  )
})

export const getUserDistrict = forUser((_user, ask) => districtAnswer(ask))

export const listMyContacts = forRoles(['student'], 'contacts', (user, { district }) =>
  district.roster.contactsOf(user.id),
)
export const listMyTeachers = forRoles(['student'], 'list', (user, { district }) =>
  district.roster.teachersOf(user.id),
)
export const listMyStudents = forRoles(['teacher', 'contact'], 'students', (user, { district }) =>
  district.roster.studentsOf(user.id),
)

/** A contact belongs to no school. It is not known whether Clever answers 404 or an empty list. */
export const listUserSchools = forUser((user, ask) => {
  const ids = schoolsOf(user)
  if (ids.length === 0) return notFound
  const schools = ask.district.roster.schools.filter(({ id }) => ids.includes(id))
  return listAnswer(ask, schools, { kind: 'list', row: (school) => schoolRow(school, ask.version) })
})

/**
 * It is not known whether Clever answers 404 or an empty list for a user of another role. 404 is the stricter
 * choice.
 */
function forRoles(
  roles: readonly RoleName[],
  kind: Effort['kind'],
  related: (user: User, ask: Ask) => readonly User[],
) {
  return forUser((user, ask) =>
    roles.includes(roleOf(user))
      ? listAnswer(ask, related(user, ask), {
          kind,
          row: rowFor(ask),
          cursors: ask.cursors,
        })
      : notFound,
  )
}

function forUser(answer: (user: User, ask: Ask) => Answer) {
  return (ask: Ask): Answer => {
    const user = ask.district.roster.user(ask.id)
    return user ? answer(user, ask) : notFound
  }
}
