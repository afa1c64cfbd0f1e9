import type { User } from '../roster/records.ts'

/** Student fields that v3.1 of Clever's API added. */
const SINCE_V31 = ['preferred_name', 'home_language', 'home_language_code']

/** A user in the form of the requested API version. */
export function renderUser(user: User, version: string): User {
  const { student } = user.roles
  if (student === undefined || version !== '/v3.0') return user
  const fields = Object.entries(student).filter(([name]) => !SINCE_V31.includes(name))
  return { ...user, roles: { ...user.roles, student: Object.fromEntries(fields) as typeof student } }
}
