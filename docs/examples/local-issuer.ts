import { chmod, readFile, writeFile } from 'node:fs/promises'
import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from 'jose'

const USAGE = `A token issuer for trying the gateway before your identity provider is connected.

  npm run -s local-issuer -- service
  npm run -s local-issuer -- guardian CONTACT_ID [CONTACT_ID ...]
  npm run -s local-issuer -- teacher|school_staff|district_admin|student USER_ID DISTRICT_ID

Prints a token of one hour as a line for the shell. The first run writes two files to the current folder:
issuers.json for AUTH_FILE, and issuer-key.json, the private key. Do not keep either in production.
`
const ISSUER = 'https://local-issuer.example'
const AUDIENCE = 'clever-contacts-gateway'
const ALG = 'ES256'

/** Undefined for arguments that name no principal. */
function claimsOf([kind, ...ids]: readonly string[]): Record<string, unknown> | undefined {
  if (kind === 'service')
    return { sub: 'local-service', scope: 'students:read contacts:read', clever_district_ids: '*' }
  if (kind === 'guardian' && ids.length > 0) return { clever_contact_ids: ids }
  const [user, district] = ids
  if (!['teacher', 'school_staff', 'district_admin', 'student'].includes(kind ?? '') || !district)
    return undefined
  return { clever_user_id: user, clever_district_ids: [district] }
}

/** The key of an earlier run, or a new one with the file for AUTH_FILE. */
async function privateKey(): Promise<JWK> {
  const kept = await readFile('issuer-key.json', 'utf8').catch(() => undefined)
  if (kept !== undefined) return JSON.parse(kept) as JWK
  const { publicKey, privateKey } = await generateKeyPair(ALG, { extractable: true })
  const key = await exportJWK(privateKey)
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg: ALG }] }
  const issuers = [{ issuer: ISSUER, audience: AUDIENCE, jwks, claims: {} }]
  await writeFile('issuers.json', `${JSON.stringify({ issuers }, null, 2)}\n`)
  await writeFile('issuer-key.json', JSON.stringify(key), { mode: 0o600 })
  await chmod('issuer-key.json', 0o600)
  return key
}

const [kind, ...ids] = process.argv.slice(2)
const claims = claimsOf([kind ?? '', ...ids])
if (claims === undefined) {
  process.stderr.write(USAGE)
  process.exit(1)
}
const token = await new SignJWT({ sub: kind ?? '', clever_kind: kind, ...claims })
  .setProtectedHeader({ alg: ALG })
  .setIssuer(ISSUER)
  .setAudience(AUDIENCE)
  .setIssuedAt()
  .setExpirationTime('1h')
  .sign(await importJWK(await privateKey(), ALG))
process.stdout.write(`export TOKEN=${token}\n`)
