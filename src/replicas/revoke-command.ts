import { text } from 'node:stream/consumers'
import { createNames } from './names.ts'
import type { Redis } from './redis.ts'
import { addRevocation } from './revocations.ts'

export interface RevokeOptions {
  /** What follows the name of the command. */
  readonly args: readonly string[]
  readonly stdin: NodeJS.ReadableStream
  readonly redis: Redis
  /** Shared by all replicas. */
  readonly secret: string
  /** ms since the epoch */
  readonly now: number
}

export const REVOKE_USAGE =
  'Say what to revoke: `npm run revoke -- principal guardian:ID`, with the principal as the audit writes it, or `npm run revoke -- token < FILE`.'

/** A principal as in the audit: its kind, and its id or name. */
const PRINCIPAL = /^(service|guardian|teacher|school_staff|district_admin|student):\S+$/
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** Returns what to print if the arguments cannot be used; undefined when all replicas will refuse it. Throws RedisAway. */
export async function revoke({
  args,
  stdin,
  redis,
  secret,
  now,
}: RevokeOptions): Promise<string | undefined> {
  const [what, principal, ...more] = args
  const names = createNames(secret)
  if (what === 'principal' && principal !== undefined && more.length === 0) {
    if (!PRINCIPAL.test(principal)) return REVOKE_USAGE
    await addRevocation(redis, names, 'principal', principal, now)
    return undefined
  }
  if (what !== 'token' || principal !== undefined) return REVOKE_USAGE
  const token = (await text(stdin)).trim().replace(/^Bearer +/i, '')
  if (!TOKEN.test(token)) return 'Standard input has no token: three parts with dots between them.'
  await addRevocation(redis, names, 'token', token, now)
  return undefined
}
