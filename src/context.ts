import { createReader } from './access/create-reader.ts'
import type { Rules } from './access/decide.ts'
import { createDisclosures, type Disclosures } from './access/disclosures.ts'
import type { FactSource } from './access/facts.ts'
import type { Principal } from './access/principal.ts'
import type { Reader } from './access/reader.ts'
import type { CleverClient } from './clever/client.ts'
import type { DistrictsFor } from './clever/districts.ts'
import type { Caller } from './clever/transport.ts'
import { whileWaiting } from './clever/while-waiting.ts'
import type { Clock } from './clock.ts'
import type { Change } from './directory/change.ts'
import type { KnownDistricts } from './directory/districts.ts'
import type { Incoming } from './http/listener.ts'
import { createLedger, type Ledger } from './loaders/allowance.ts'
import { createLoaders } from './loaders/create-loaders.ts'
import { createFreshness, type Freshness } from './loaders/freshness.ts'
import type { Metrics } from './metrics.ts'
import type { Country } from './quality/phones.ts'
import type { Requirable } from './quality/report.ts'
import type { DatedReport, Reports } from './reports.ts'

/** One request. What it may read of Clever it reads through `reader`, and by no other way. */
export interface GatewayContext {
  readonly requestId: string
  readonly principal: Principal
  readonly reader: Reader
  readonly disclosures: Disclosures
  /** By when the request is to be answered. ms since the epoch */
  readonly deadline: number
  /** Without a token: may ask what there is to ask, and nothing else. */
  readonly isAnonymous: boolean
  /** Whether the router has signed the request, or none has to. */
  readonly isFromRouter: boolean
  /** Of phones without a country code. */
  readonly phoneCountry: Country
  /** What a report expects of each contact. */
  readonly requiredFields: readonly Requirable[]
  /** Of a whole district: not to be told to whoever does not see all of it. Throws the CleverErrors. */
  readonly contactReport: (client: CleverClient) => Promise<DatedReport | undefined>
  /** ms since the epoch */
  readonly now: () => number
  readonly ledger: Ledger
  readonly freshness: Freshness
  /** In the windows of the tokens that were asked for: the fewest. Undefined where none was. */
  readonly callsLeft: () => number | undefined
  /** The header Last-Event-ID: what a subscription goes on after, unless its arguments say so. */
  readonly lastEventId: string | undefined
  /** What happens in a district, for whomever: nothing of it is told but through `reader.change`. */
  readonly changesIn: (
    district: CleverClient,
    after: string | undefined,
  ) => Promise<AsyncIterableIterator<Change, undefined>>
}

export interface ContextOptions {
  readonly districts: DistrictsFor
  readonly known: KnownDistricts
  /** Aborted, with a TimeoutError, when the process is about to end. */
  readonly ending: AbortSignal
  readonly clock: Clock
  readonly metrics: Metrics
  readonly facts: FactSource
  readonly rules: () => Rules
  readonly phoneCountry: Country
  readonly requiredFields: readonly Requirable[]
  readonly reports: Reports
  /** ms in which a request is answered, in part if need be. */
  readonly requestTimeout: number
  /** Interactive, unless nobody in particular waits. */
  readonly priority?: Caller['priority']
}

/** Reaches no district and has no scope. */
const NOBODY: Principal = { kind: 'SERVICE', client: '', scopes: new Set(), districtIds: new Set() }

/** No call is made to Clever beyond the timeout, nor after whoever asked has hung up. */
export function createContext(options: ContextOptions, incoming: Incoming): GatewayContext {
  const { clock, metrics, facts, rules, requestTimeout, ending, known } = options
  const { requestId, isFromRouter, gone, ledger } = incoming
  const principal = incoming.principal ?? NOBODY
  const patientFromNow = (): Caller => ({
    deadline: clock.now() + requestTimeout,
    signal: AbortSignal.any([gone, ending, AbortSignal.timeout(requestTimeout)]),
    ledger,
    priority: options.priority ?? 'INTERACTIVE',
  })
  const caller = patientFromNow()
  const districts = options.districts(caller, principal.districtIds)
  const freshness = createFreshness()
  const freshLoaders = () => createLoaders({ districts, known, caller, freshness, clock })
  const loaders = freshLoaders()
  const disclosures = createDisclosures()
  const startedAt = clock.now()
  const decidingAge = known.ages.decision
  // What the request has read itself is young enough, also where nothing may have any age.
  const mayDecideBy = (since: number) =>
    since >= startedAt || (decidingAge > 0 && since >= clock.now() - decidingAge)
  const onDoubt = () => metrics.doubtfulDenials.inc()
  const withheld = { COLLISION_RISK: metrics.collisionDenials, RESTRICTION_NOTE: metrics.restrictionDenials }
  const reader = createReader({
    principal,
    districts,
    loaders,
    freshLoaders,
    facts,
    rules,
    disclosures,
    mayDecideBy,
    onDoubt,
    onWithheld: (reason) => withheld[reason].inc(),
  })
  return {
    requestId,
    principal,
    reader,
    disclosures,
    deadline: caller.deadline,
    isFromRouter,
    phoneCountry: options.phoneCountry,
    requiredFields: options.requiredFields,
    async contactReport(client) {
      const report = await whileWaiting(options.reports.of(client), caller)
      if (report !== undefined) freshness.note(Date.parse(report.asOf))
      return report
    },
    now: clock.now,
    ledger,
    freshness,
    callsLeft: loaders.callsLeft,
    lastEventId: incoming.lastEventId,
    // Each page of what has happened since is waited for as long as a request is.
    changesIn: (district, after) => known.of(district).changes.follow(after, patientFromNow),
    isAnonymous: incoming.principal === undefined,
  }
}

/** For what the gateway does on nobody's behalf, and for nobody to see as it is; `mostCalls` to Clever. */
export function seesEverything(name: string, mostCalls: number): Incoming {
  return {
    requestId: name,
    principal: {
      kind: 'SERVICE',
      client: name,
      scopes: new Set(['students:read', 'contacts:read']),
      districtIds: 'ALL',
    },
    expiresAt: undefined,
    isFromRouter: false,
    gone: new AbortController().signal,
    over: new AbortController().signal,
    ledger: createLedger(mostCalls),
    lastEventId: undefined,
  }
}
