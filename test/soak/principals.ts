import type { SignIn } from '../../src/sandbox/sign-in.ts'
import type { Viewer } from './check-answer.ts'
import { guardiansOf, type Roster, type RosterDistrict } from './roster.ts'

export interface Principal {
  readonly token: string
  readonly viewer: Viewer
  readonly districtId: string
}

/** A guardian whose contact may get another id. */
export interface GuardianPrincipal extends Principal {
  /** Replaced when the contact gets another id, as an identity provider does it. */
  token: string
  readonly viewer: { readonly kind: 'guardian'; readonly contactIds: string[] }
  addId(contactId: string): Promise<void>
}

export interface Principals {
  readonly guardians: readonly GuardianPrincipal[]
  /** Guardians whose contacts keep their ids, because a stream has the token that it began with. */
  readonly subscribers: readonly GuardianPrincipal[]
  readonly admin: Principal
  readonly service: Principal
  readonly withdrawingService: Principal
  readonly busyService: Principal
  /** Of contacts that do not exist, so that each request costs calls. */
  readonly busyGuardians: readonly Principal[]
  readonly badTokens: readonly string[]
}

const GUARDIANS = 20
const SUBSCRIBERS = 3
const BUSY_GUARDIANS = 200
/** Of each busy guardian. */
const UNKNOWN_CONTACTS = 5

export async function createPrincipals(
  roster: Roster,
  signIn: SignIn,
  strangers: SignIn,
): Promise<Principals> {
  const { main, withdrawing, busy } = roster
  const guardianOf = async (contactIds: string[], { id }: RosterDistrict): Promise<GuardianPrincipal> => {
    const sign = () =>
      signIn.tokenFor({
        clever_kind: 'guardian',
        clever_contact_ids: contactIds,
        clever_district_ids: [id],
      })
    const guardian: GuardianPrincipal = {
      token: await sign(),
      viewer: { kind: 'guardian', contactIds },
      districtId: id,
      async addId(contactId) {
        contactIds.push(contactId)
        guardian.token = await sign()
      },
    }
    return guardian
  }
  const serviceOf = async ({ id }: RosterDistrict): Promise<Principal> => {
    const scope = 'students:read contacts:read'
    const claims = { clever_kind: 'service', sub: `soak-${id}`, scope, clever_district_ids: [id] }
    return {
      token: await signIn.tokenFor(claims),
      viewer: { kind: 'district', districtIds: [id] },
      districtId: id,
    }
  }
  const guardianClaims = { clever_kind: 'guardian', clever_contact_ids: [main.contactIds[0]] }
  const adminClaims = { clever_kind: 'district_admin', clever_user_id: main.adminId }
  const service = await serviceOf(main)
  const people = guardiansOf(roster, GUARDIANS + SUBSCRIBERS)
  const guardians = await Promise.all(people.map((id) => guardianOf([id], main)))
  return {
    guardians: guardians.slice(SUBSCRIBERS),
    subscribers: guardians.slice(0, SUBSCRIBERS),
    admin: {
      ...service,
      token: await signIn.tokenFor({ ...adminClaims, clever_district_ids: [main.id] }),
    },
    service,
    withdrawingService: await serviceOf(withdrawing),
    busyService: await serviceOf(busy),
    busyGuardians: await Promise.all(
      Array.from({ length: BUSY_GUARDIANS }, (_, index) => guardianOf(unknownIds(index), busy)),
    ),
    badTokens: [
      'not-a-token',
      `${service.token}x`,
      await signIn.tokenFor(guardianClaims, -3_600),
      await strangers.tokenFor(guardianClaims),
    ],
  }
}

function unknownIds(guardian: number): string[] {
  return Array.from({ length: UNKNOWN_CONTACTS }, (_, index) =>
    (guardian * UNKNOWN_CONTACTS + index).toString(16).padStart(24, '5'),
  )
}

/** The tokens that the gateways receive, without those of `badTokens` that are no token. */
export function tokensOf({
  guardians,
  subscribers,
  admin,
  service,
  badTokens,
}: Principals): readonly string[] {
  const people = [...guardians, ...subscribers, admin, service].map(({ token }) => token)
  return [...people, ...badTokens.filter((token) => token.includes('.'))]
}
