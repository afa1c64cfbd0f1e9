import type { DistrictId, UserId } from '../model/ids.ts'

/** The person or service that a verified token names. */
export type Principal = ServicePrincipal | GuardianPrincipal | StaffPrincipal | StudentPrincipal

/** A program of the company or of the district. */
export interface ServicePrincipal {
  readonly kind: 'SERVICE'
  /** The client's own name, as the issuer knows it. */
  readonly client: string
  readonly scopes: ReadonlySet<string>
  readonly districtIds: ReadonlySet<DistrictId> | 'ALL'
}

/** A person who is one or more Clever contacts. Clever has no sign-in for them: the issuer knows the ids. */
export interface GuardianPrincipal {
  readonly kind: 'GUARDIAN'
  readonly contactIds: readonly UserId[]
  /** The districts of the contacts. All districts unless the issuer names some. */
  readonly districtIds: ReadonlySet<DistrictId> | 'ALL'
}

export interface StaffPrincipal {
  readonly kind: 'STAFF'
  readonly role: 'TEACHER' | 'SCHOOL_STAFF' | 'DISTRICT_ADMIN'
  readonly userId: UserId
  readonly districtIds: ReadonlySet<DistrictId>
}

export interface StudentPrincipal {
  readonly kind: 'STUDENT'
  readonly userId: UserId
  readonly districtIds: ReadonlySet<DistrictId>
}

const keys = new WeakMap<Principal, string>()

/** An identifier for the audit and for caches, without names and addresses. Written once for each principal. */
export function principalKey(principal: Principal): string {
  const known = keys.get(principal)
  if (known !== undefined) return known
  const key = writeKey(principal)
  keys.set(principal, key)
  return key
}

function writeKey(principal: Principal): string {
  switch (principal.kind) {
    case 'SERVICE':
      return `service:${principal.client}`
    case 'GUARDIAN':
      return `guardian:${[...principal.contactIds].sort().join('+')}`
    case 'STAFF':
      return `${principal.role.toLowerCase()}:${principal.userId}`
    case 'STUDENT':
      return `student:${principal.userId}`
  }
}
