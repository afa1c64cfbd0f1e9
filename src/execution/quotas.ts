import type { GraphQLError } from 'graphql'
import { costQuotaExceeded, disclosureQuotaExceeded } from '../../schema/errors.ts'
import { CostQuota } from '../access/cost-quota.ts'
import { DisclosureQuota } from '../access/disclosure-quota.ts'
import { type KindLimits, kindOf } from '../access/kind-limits.ts'
import type { Clock } from '../clock.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { RequestContext } from '../view/request.ts'
import type { View } from '../view/view.ts'

export interface QuotasOptions {
  readonly disclosureQuota: KindLimits
  readonly costQuota: KindLimits
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Shares the quotas with the other replicas. */
  readonly shareQuotas?: ((costs: CostQuota, disclosures: DisclosureQuota) => void) | undefined
}

/** What one principal may read within a time, so that one stolen token cannot read a district unnoticed. */
export class Quotas {
  readonly #options: QuotasOptions
  readonly #disclosures: DisclosureQuota
  readonly #costs: CostQuota

  constructor(options: QuotasOptions) {
    const { disclosureQuota, costQuota, clock } = options
    this.#options = options
    this.#disclosures = new DisclosureQuota(disclosureQuota, clock.elapsed)
    this.#costs = new CostQuota(costQuota, clock.elapsed)
    options.shareQuotas?.(this.#costs, this.#disclosures)
  }

  /** Charges a query before it runs. Each costs at least a point. */
  charge({ principal }: RequestContext, points: number): GraphQLError | undefined {
    const retryAfterSeconds = this.#costs.charge(principal, Math.max(points, 1))
    if (retryAfterSeconds === undefined) return undefined
    const kind = kindOf(principal)
    this.#options.metrics.quotas.inc({ quota: 'cost', kind, outcome: 'refused' })
    return costQuotaExceeded(this.#costs.limitOf(principal), retryAfterSeconds)
  }

  /** Counts the people in an answer before it is sent. The error is sent in place of an answer beyond the quota. */
  admit({ request: { context }, disclosures }: View): GraphQLError | undefined {
    const admission = this.#disclosures.admit(context.principal, disclosures)
    if (admission === undefined || admission.outcome === 'ADMITTED') return undefined
    const { outcome, kind, limit, shown, isNews, retryAfterSeconds } = admission
    const { log, metrics } = this.#options
    const line = { requestId: context.requestId, kind, shown, limit }
    if (outcome === 'NEAR') {
      if (!isNews) return undefined
      metrics.quotas.inc({ quota: 'disclosure', kind, outcome: 'near' })
      log.warn(
        line,
        'a principal has been shown most of its DISCLOSURE_QUOTA: the audit has it under the requestId',
      )
      return undefined
    }
    metrics.quotas.inc({ quota: 'disclosure', kind, outcome: 'refused' })
    if (isNews) log.error(line, 'answers are refused: a principal has reached its DISCLOSURE_QUOTA')
    return disclosureQuotaExceeded(limit, retryAfterSeconds)
  }
}
