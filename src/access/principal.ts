import type { DistrictId, UserId } from '../model/ids.ts'

/** Who asks, as a verified token says. */
export type Principal = ServicePrincipal | GuardianPrincipal | StaffPrincipal | StudentPrincipal

/** A machine, of the company or of the district. */
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
  /** Where the contacts are; everywhere unless the issuer says so. */
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

/** For the audit and for caches: no name, no address. */
export function principalKey(principal: Principal): string {
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
