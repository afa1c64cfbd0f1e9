import { z } from 'zod'
import type { Principal } from '../access/principal.ts'
import { type DistrictId, parseDistrictId, parseUserId, type UserId } from '../model/ids.ts'

type Claims = Readonly<Record<string, unknown>>
/** Undefined for claims that name no principal. */
export type ReadClaims = (claims: Claims) => Principal | undefined

const userId = z.custom<UserId>((value) => typeof value === 'string' && parseUserId(value) !== undefined)
const districtId = z.custom<DistrictId>(
  (value) => typeof value === 'string' && parseDistrictId(value) !== undefined,
)

/**
 * Clever's words for the people who can sign in with it. Source: Clever's OIDC documentation, claim
 * user_type.
 */
const CLEVER_ROLES = {
  teacher: 'TEACHER',
  staff: 'SCHOOL_STAFF',
  district_admin: 'DISTRICT_ADMIN',
  'district admin': 'DISTRICT_ADMIN',
} as const

const cleverClaims = z.object({
  multi_role_user_id: userId,
  user_type: z.enum(['student', ...Object.keys(CLEVER_ROLES)] as [
    'student',
    ...(keyof typeof CLEVER_ROLES)[],
  ]),
  district: districtId,
})

/** The claims of Clever's own id_tokens. Clever signs in students and staff, never contacts. */
export const readCleverClaims: ReadClaims = (claims) => {
  const parsed = cleverClaims.safeParse(claims)
  if (!parsed.success) return undefined
  const { multi_role_user_id: userId, user_type, district } = parsed.data
  const districtIds = new Set([district])
  if (user_type === 'student') return { kind: 'STUDENT', userId, districtIds }
  return { kind: 'STAFF', role: CLEVER_ROLES[user_type], userId, districtIds }
}

/**
 * The claim of RFC 8693 (`scope`), and `scp`, which Microsoft Entra ID and Okta write instead of it or beside
 * it.
 */
const SCOPE = 'scope'
const SCOPE_OF_OTHERS = 'scp'

/**
 * The names of the claims that a company's identity provider uses. A list of one element may be the element
 * itself.
 */
export const claimNames = z.strictObject({
  kind: z
    .string()
    .default('clever_kind')
    .describe(
      'The claim with the kind of viewer: service, guardian, teacher, school_staff, district_admin or student.',
    ),
  user: z
    .string()
    .default('clever_user_id')
    .describe('The claim with the Clever id of a teacher, staff member or student.'),
  contacts: z
    .string()
    .default('clever_contact_ids')
    .describe('The claim with the Clever ids of the contact records of a guardian.'),
  districts: z
    .string()
    .default('clever_district_ids')
    .describe('The claim with the Clever ids of districts. For a service, "*" means all.'),
  scopes: z
    .string()
    .default(SCOPE)
    .describe(
      'The claim with the scopes of a service: a list, or a text with spaces. With the default name scope, the claim scp counts too.',
    ),
  client: z.string().default('sub').describe('The claim with the name of a service, for the audit.'),
})
export type ClaimNames = z.infer<typeof claimNames>

/** Some issuers write a list of one element as the element itself. */
function listOf<Element extends z.ZodType>(element: Element, max: number) {
  return z.union([element.transform((one) => [one]), z.array(element).min(1).max(max)])
}

const MAX_CONTACTS = 20
const districtList = listOf(districtId, 10_000).transform((ids) => new Set(ids))
const oneDistrict = listOf(districtId, 1).transform((ids) => new Set(ids))
const scopeList = z
  .array(z.string())
  .transform((texts) => texts.flatMap((text) => text.split(/\s+/)).filter((scope) => scope !== ''))

const customClaims = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('service'),
    client: z.string().min(1),
    scopes: scopeList,
    districts: z.union([z.literal('*').transform(() => 'ALL' as const), districtList]),
  }),
  z.object({
    kind: z.literal('guardian'),
    contacts: listOf(userId, MAX_CONTACTS),
    districts: districtList.optional(),
  }),
  z.object({
    kind: z.enum(['teacher', 'school_staff', 'district_admin', 'student']),
    user: userId,
    districts: oneDistrict,
  }),
])

const STAFF_ROLES = {
  teacher: 'TEACHER',
  school_staff: 'SCHOOL_STAFF',
  district_admin: 'DISTRICT_ADMIN',
} as const

export function readCustomClaims(names: ClaimNames): ReadClaims {
  return (claims) => {
    const claim = (name: string) => (Object.hasOwn(claims, name) ? claims[name] : undefined)
    const named = Object.fromEntries(Object.entries(names).map(([meaning, name]) => [meaning, claim(name)]))
    const written = [named.scopes, names.scopes === SCOPE ? claim(SCOPE_OF_OTHERS) : undefined]
    const scopes = written.flat().filter((scope) => scope !== undefined)
    const parsed = customClaims.safeParse({ ...named, scopes })
    if (!parsed.success) return undefined
    const who = parsed.data
    switch (who.kind) {
      case 'service':
        return {
          kind: 'SERVICE',
          client: who.client,
          scopes: new Set(who.scopes),
          districtIds: who.districts,
        }
      case 'guardian':
        return { kind: 'GUARDIAN', contactIds: who.contacts, districtIds: who.districts ?? 'ALL' }
      case 'student':
        return { kind: 'STUDENT', userId: who.user, districtIds: who.districts }
      default:
        return { kind: 'STAFF', role: STAFF_ROLES[who.kind], userId: who.user, districtIds: who.districts }
    }
  }
}
