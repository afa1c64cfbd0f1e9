import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { SandboxDistrict } from './roster/district.ts'

/** An identity provider for invented people. Its key exists only as long as the process. */
export interface SignIn {
  /** The entry in AUTH_FILE with which a gateway accepts these tokens. */
  readonly issuer: {
    readonly issuer: string
    readonly audience: string
    readonly jwks: { readonly keys: readonly Record<string, unknown>[] }
    readonly claims: Record<string, never>
  }
  /** A token of twelve hours, or of `lifetime` seconds. */
  tokenFor(claims: Readonly<Record<string, unknown>>, lifetime?: number): Promise<string>
}

const ISSUER = 'https://sign-in.sandbox.example'
const AUDIENCE = 'clever-contacts-gateway'
const TWELVE_HOURS = 12 * 60 * 60

export async function createSignIn(now: () => number = Date.now): Promise<SignIn> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const key = { ...(await exportJWK(publicKey)), kid: 'sandbox', alg: 'ES256' }
  return {
    issuer: { issuer: ISSUER, audience: AUDIENCE, jwks: { keys: [key] }, claims: {} },
    tokenFor(claims, lifetime = TWELVE_HOURS) {
      const issuedAt = Math.floor(now() / 1000)
      return new SignJWT(claims)
        .setProtectedHeader({ alg: 'ES256', kid: 'sandbox' })
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(String(claims.sub ?? claims.clever_kind))
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + lifetime)
        .sign(privateKey)
    },
  }
}

interface Persona {
  readonly title: string
  readonly claims: Readonly<Record<string, unknown>>
}

export interface PersonaToken {
  /** The person that the token is for. */
  readonly title: string
  readonly token: string
}

/** A token for one person of each kind in the first district, of twelve hours or of `lifetime` seconds. */
export async function tokensOf(
  { districts }: { readonly districts: readonly SandboxDistrict[] },
  signIn: Pick<SignIn, 'tokenFor'>,
  lifetime?: number,
): Promise<readonly PersonaToken[]> {
  const [district] = districts
  const personas = district === undefined ? [] : personasOf(district)
  return Promise.all(
    personas.map(async ({ title, claims }) => ({ title, token: await signIn.tokenFor(claims, lifetime) })),
  )
}

/** One person of each kind, in a district with the documented family. */
function personasOf({ id, roster, students }: SandboxDistrict): readonly Persona[] {
  const district = { clever_district_ids: [id] }
  const guardian = '63850203bfb8460546071ef6'
  const child = '63850203bfb8460546071e6e'
  const [teacher] = roster.teachersOf(child)
  const [staff] = roster.users('staff')
  const [admin] = roster.users('district_admin')
  const person = (kind: string, user: string | undefined) => ({
    clever_kind: kind,
    clever_user_id: user,
    ...district,
  })
  return [
    { title: 'guardian', claims: { clever_kind: 'guardian', clever_contact_ids: [guardian], ...district } },
    { title: 'teacher', claims: person('teacher', teacher?.id) },
    { title: 'school staff', claims: person('school_staff', staff?.id) },
    { title: 'district admin', claims: person('district_admin', admin?.id) },
    { title: 'student', claims: person('student', students.includes(child) ? child : students[0]) },
    {
      title: 'service',
      claims: {
        clever_kind: 'service',
        sub: 'sandbox-service',
        scope: 'students:read contacts:read',
        clever_district_ids: '*',
      },
    },
  ]
}
