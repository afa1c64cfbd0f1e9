import defaultPolicy from '../access/default-policy.json' with { type: 'json' }
import { NO_OVERRIDES } from '../access/overrides.ts'
import { createPolicy, policyFile } from '../access/policy.ts'
import { UNLIMITED_CALLS } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import { createDistrictRegistry } from '../districts.ts'
import { createServices } from '../execution/services.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Country } from '../quality/phones.ts'
import type { Requirable } from '../quality/report.ts'
import { backgroundCallContext } from '../sync/background-calls.ts'
import { type Diagnosis, type DoctorOptions, examine } from './examine.ts'

export interface ExamineOptions
  extends Pick<DoctorOptions, 'clients' | 'credentials' | 'print' | 'progress'> {
  readonly maxBytes: number
  readonly phoneCountry: Country
  readonly requiredFields: readonly Requirable[]
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** The deadline of an examination. ms */
const LONG = 86_400_000

/** Examines all districts that the settings lead to. */
export async function examineDistricts(options: ExamineOptions): Promise<Diagnosis> {
  const { clock, maxBytes, log, metrics } = options
  const never = new AbortController().signal
  const ages = { displayMs: LONG, displayMaxMs: LONG, decisionMs: LONG }
  const districts = createDistrictRegistry({ ages, maxBytes, lagMs: 0, clock, log, metrics })
  const policy = createPolicy(policyFile.parse(defaultPolicy))
  const { reports } = createServices({
    cursorSecret: () => '',
    ...options,
    districts,
    rules: () => ({ policy, overrides: NO_OVERRIDES, now: clock.now(), maxAge: LONG }),
    onDecision: () => {},
    ending: never,
    requestTimeout: LONG,
    report: { maxCalls: Number.POSITIVE_INFINITY, timeoutMs: LONG, keptMs: LONG },
  })
  return examine({
    ...options,
    districts,
    callContext: () => ({ ...backgroundCallContext(clock, never), allowance: UNLIMITED_CALLS }),
    report: reports.of,
  })
}
