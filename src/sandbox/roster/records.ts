/** The records that Clever serves, with its field names. A field that a district may withhold is optional. */
export interface User {
  readonly created: string
  readonly district: string
  readonly email?: string
  readonly last_modified: string
  readonly name: Name
  readonly id: string
  readonly roles: Roles
}

export interface Name {
  readonly first?: string
  readonly last?: string
  readonly middle?: string
}

export const roleNames = ['student', 'teacher', 'staff', 'district_admin', 'contact'] as const
export type RoleName = (typeof roleNames)[number]

export interface Roles {
  readonly student?: StudentRole
  readonly teacher?: SchoolRole
  readonly staff?: SchoolRole
  readonly district_admin?: { readonly title: string; readonly legacy_id: string }
  readonly contact?: ContactRole
}

export interface ContactRole {
  readonly phone?: string
  readonly phone_type?: string
  readonly sis_id?: string
  readonly student_relationships: readonly StudentRelationship[]
  readonly legacy_id: string
}

export interface StudentRelationship {
  readonly relationship?: string
  readonly student: string
  readonly type?: string
}

/** The sandbox reads only `school` and `schools` of these fields. It serves the others as they are. */
export interface SchoolRole {
  readonly school?: string
  readonly schools: readonly string[]
  readonly [field: string]: unknown
}

/**
 * `email` repeats the user's e-mail. It was seen on the wire, but the swagger does not declare it, and events
 * lack it.
 */
export interface StudentRole extends SchoolRole {
  readonly school: string
  readonly email?: string
}

export interface School {
  readonly id: string
  readonly name: string
  readonly low_grade: string
  readonly high_grade: string
  readonly [field: string]: unknown
}

export interface DistrictRecord {
  readonly id: string
  readonly name: string
  readonly last_sync: string
  readonly [field: string]: unknown
}

/**
 * The role that a user has. Clever never combines `student` or `contact` with another role, and the sandbox
 * gives every user exactly one.
 */
export function roleOf(user: User): RoleName {
  const role = roleNames.find((name) => user.roles[name] !== undefined)
  if (!role) throw new TypeError(`user ${user.id} has no role`)
  return role
}

export function isUser(record: object): record is User {
  return 'roles' in record
}

export function schoolsOf(user: User): readonly string[] {
  const { student, teacher, staff } = user.roles
  return (student ?? teacher ?? staff)?.schools ?? []
}
