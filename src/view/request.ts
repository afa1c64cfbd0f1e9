import type { Decision, Rules } from '../access/decide.ts'
import type { FactSource } from '../access/facts.ts'
import type { Principal } from '../access/principal.ts'
import type { CleverClient } from '../clever/client.ts'
import type { DistrictClients } from '../clever/district-clients.ts'
import type { Clock } from '../clock.ts'
import type { District, DistrictRegistry } from '../districts.ts'
import type { CallAllowance } from '../model/call-allowance.ts'
import type { Change } from '../model/change.ts'
import type { Role } from '../model/ranges.ts'
import type { RequestSummary } from '../model/request-summary.ts'
import type { Country } from '../quality/phones.ts'
import type { Requirable } from '../quality/report.ts'
import type { RequestTrace } from '../tracing/request-trace.ts'
import type { Fetch, Load, Pin } from './missing.ts'
import type { Sealer } from './sealed-text.ts'
import { View } from './view.ts'

/** The parts that all requests of the process share. */
export interface Services {
  readonly clients: DistrictClients
  readonly districts: DistrictRegistry
  readonly facts: FactSource
  readonly clock: Clock
  readonly rules: () => Rules
  readonly onDecision: (decision: Decision) => void
  /** Called before each round, with the number of values that it fetches. */
  readonly onRound?: ((values: number) => void) | undefined
  /** The country of phone numbers without a country code. */
  readonly phoneCountry: Country
  /** Encrypts cursors that hold personal data. */
  readonly sealer: Sealer
  /** The fields that a report expects of each contact. */
  readonly requiredFields: readonly Requirable[]
  /** Called on the first missing value of a request. */
  readonly createFetch: (request: Request) => Fetch
  /** The changes of a district from now on, or after one. */
  readonly follow: (request: Request, args: FollowArgs) => Promise<AsyncIterableIterator<Change, undefined>>
}

export interface FollowArgs {
  readonly districtId?: string | null | undefined
  readonly after?: string | null | undefined
  /** Counts if there is no `after`. */
  readonly changedAfter?: Date | null | undefined
}

export interface RequestContext {
  readonly requestId: string
  readonly principal: Principal
  /** What the log, the metrics and the trace will say. */
  readonly summary: RequestSummary
  /** Undefined where no SDK for traces is loaded. */
  readonly trace?: RequestTrace | undefined
  /** Whether the request came without a token: it may only read the schema. */
  readonly isAnonymous: boolean
  readonly isFromRouter: boolean
  /** Calls made to Clever for this request. */
  readonly allowance: CallAllowance
  /**
   * `gone` is aborted when the client has hung up, and `over` when the response has ended. A signal is created on its first use;
   * `hasHungUp` says so without creating one.
   */
  readonly exchange: {
    readonly hasHungUp: boolean
    readonly gone: AbortSignal
    readonly over: AbortSignal
  }
  /** The header Last-Event-ID: a subscription goes on after it, unless its arguments say otherwise. */
  readonly lastEventId: string | undefined
  /** When the token of the principal expires; undefined for never. ms since the epoch */
  readonly expiresAt: number | undefined
  /** Whether the token was revoked since the request began. */
  readonly isRevoked?: (() => boolean) | undefined
  /** Deadline of the request. ms since the epoch */
  readonly deadline: number
  readonly priority: 'INTERACTIVE' | 'BACKGROUND'
}

/** What the requests of one operation have in common. */
export interface SelectionTraits {
  /** The weight of each node of the answer: more than 1 if many fields of one object are selected. */
  readonly nodeWeight: number
  /** Whether the relationships of every selected student are selected too. */
  readonly readsRelationships: boolean
}

const USUAL: SelectionTraits = { nodeWeight: 1, readsRelationships: false }
const NO_PINS: ReadonlyMap<string, Pin> = new Map()

/** One request with all its attempts: its principal, and the values that were fetched for it. */
export class Request {
  readonly services: Services
  readonly context: RequestContext
  readonly traits: SelectionTraits
  /** ms since the epoch */
  readonly startedAt: number
  #pins: Map<string, Pin> | undefined
  #fetch: Fetch | undefined
  readonly #demanded: { readonly district: District; readonly role: Role }[] = []
  /** How often missing values were fetched. */
  rounds = 0

  constructor(services: Services, context: RequestContext, traits = USUAL) {
    this.traits = traits
    this.services = services
    this.context = context
    this.startedAt = services.clock.now()
  }

  /** Reports to the district, once for each request, that records of a role are requested. */
  addDemand(district: District, role: Role) {
    for (const demanded of this.#demanded)
      if (demanded.district === district && demanded.role === role) return
    this.#demanded.push({ district, role })
    this.context.summary.addDistrict(district.client.districtId)
    district.demand.add(role)
  }

  get pins(): ReadonlyMap<string, Pin> {
    return this.#pins ?? NO_PINS
  }

  follow(args: FollowArgs) {
    return this.services.follow(this, args)
  }

  newView(): View {
    return new View(this)
  }

  /** The known districts that the principal may reach; undefined until the tokens have been read. */
  districts(): readonly CleverClient[] | undefined {
    const all = this.services.clients.known()
    const { districtIds } = this.context.principal
    if (all === undefined || districtIds === 'ALL') return all
    return all.filter(({ districtId }) => districtIds.has(districtId))
  }

  /** Fetches all missing values of an attempt at once. Never throws: an error is kept in place of the value. */
  async fetch(missing: ReadonlyMap<string, Load>): Promise<void> {
    this.rounds += 1
    this.context.summary.rounds += 1
    this.services.onRound?.(missing.size)
    this.#fetch ??= this.services.createFetch(this)
    this.#pins ??= new Map()
    const [fetch, pins] = [this.#fetch, this.#pins]
    const round = this.context.trace?.startRound(missing.size)
    await Promise.all(
      [...missing].map(async ([key, load]) => {
        try {
          pins.set(key, { value: await load(fetch) })
        } catch (error) {
          pins.set(key, { error })
        }
      }),
    )
    round?.end()
  }
}
