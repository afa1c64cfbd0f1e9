import defaultPolicy from './access/default-policy.json' with { type: 'json' }
import { NO_OVERRIDES } from './access/overrides.ts'
import { createPolicy, type Policy, policyFile } from './access/policy.ts'
import { type Authenticate, createAuthenticate, type WatchRevocation } from './auth/authenticate.ts'
import { connectIssuer } from './auth/fetch-keys.ts'
import { type Issuers, issuersFile } from './auth/issuers-file.ts'
import { type KeySource, readFirstKeys } from './auth/remote-keys.ts'
import type { Clock } from './clock.ts'
import { JsonFileError, readJsonFile } from './files/json-file.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Proxies } from './outbound.ts'
import { type OverridesSource, watchOverrides } from './overrides-source.ts'

export interface AccessSettings {
  /**
   * The path of a file with issuers, or the issuers. With EVERYBODY, every client is let in as a service that sees
   * everything.
   */
  readonly issuers: string | Issuers | 'EVERYBODY'
  /** The maximum difference between the clocks of issuers and ours. ms */
  readonly leeway: number
  /** The proxies for fetching the keys of issuers. */
  readonly proxies: Proxies
  /** The path of a policy file. Default: the policy that ships with the gateway. */
  readonly policy: string | undefined
  readonly overrides: string | undefined
  /** Undefined where tokens cannot be revoked. */
  readonly watchRevocation?: WatchRevocation | undefined
}

export interface Access {
  readonly authenticate: Authenticate
  readonly policy: Policy
  readonly overrides: OverridesSource
  /** Whether the keys of an issuer are known, so that a token can be checked. */
  hasKeys(): boolean
  close(): Promise<void>
}

/** A file that a setting names cannot be used. `file`: the name of the setting. */
export class AccessFileError extends Error {
  override readonly name = 'AccessFileError'
}

/** Throws AccessFileError. */
export async function openAccess(
  settings: AccessSettings,
  clock: Clock,
  log: Logger,
  metrics: Metrics,
): Promise<Access> {
  const policy = createPolicy(
    settings.policy === undefined
      ? policyFile.parse(defaultPolicy)
      : await named('POLICY_FILE', readJsonFile(settings.policy, policyFile)),
  )
  const keys: KeySource[] = []
  const authenticate = await authenticateWith(settings, clock, log, metrics, (each) => keys.push(each))
  const overrides = await overridesOf(settings.overrides, policy, clock, log, metrics)
  const closed = new AbortController()
  for (const each of keys) void readFirstKeys(each, clock, closed.signal)
  return {
    authenticate,
    policy,
    overrides,
    hasKeys: () => settings.issuers === 'EVERYBODY' || keys.some(({ latest }) => latest !== undefined),
    async close() {
      closed.abort()
      overrides.close()
    },
  }
}

async function authenticateWith(
  { issuers, leeway, proxies, watchRevocation }: AccessSettings,
  { now }: Clock,
  log: Logger,
  metrics: Metrics,
  onKeys: (keys: KeySource) => void,
): Promise<Authenticate> {
  if (issuers === 'EVERYBODY')
    return async () => ({ outcome: 'KNOWN', principal: openPrincipal, expiresAt: undefined })
  const known =
    typeof issuers === 'string'
      ? (await named('AUTH_FILE', readJsonFile(issuers, issuersFile))).issuers
      : issuers
  const connect = (origin: string) => connectIssuer(origin, proxies)
  return createAuthenticate({
    issuers: known,
    now,
    leeway,
    connect,
    watchRevocation,
    log,
    metrics,
    onKeys,
  })
}

const openPrincipal = {
  kind: 'SERVICE',
  client: 'everybody',
  scopes: new Set(['students:read', 'contacts:read']),
  districtIds: 'ALL',
} as const

async function overridesOf(
  path: string | undefined,
  policy: Policy,
  clock: Clock,
  log: Logger,
  metrics: Metrics,
): Promise<OverridesSource> {
  metrics.overridesCurrent.set(1)
  if (path === undefined) return { current: () => NO_OVERRIDES, problems: () => [], close: () => {} }
  return named(
    'OVERRIDES_FILE',
    watchOverrides(path, policy, clock, (refused) => {
      metrics.overridesCurrent.set(refused === undefined ? 1 : 0)
      if (refused === undefined) return log.info('OVERRIDES_FILE changed and is in force')
      const { reason, problems } = refused
      metrics.overridesRefused.inc({ reason: reason.toLowerCase() })
      log.error(
        { reason, problems },
        'OVERRIDES_FILE is refused: the last good overrides stay in force. Correct what `problems` names',
      )
    }),
  )
}

/** Names the setting whose file cannot be used. Throws AccessFileError. */
export async function named<Value>(setting: string, opening: Promise<Value>): Promise<Value> {
  try {
    return await opening
  } catch (error) {
    const problems = error instanceof JsonFileError ? error.problems : ['the file cannot be opened']
    throw new AccessFileError(problems.map((problem) => `${setting}: ${problem}`).join('\n'))
  }
}
