import { readReport } from '../../schema/schema.ts'
import defaultPolicy from '../access/default-policy.json' with { type: 'json' }
import { createFactSource } from '../access/facts.ts'
import { NO_OVERRIDES } from '../access/overrides.ts'
import { createPolicy, policyFile } from '../access/policy.ts'
import { UNLIMITED } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import { createContext, seesEverything } from '../context.ts'
import { createKnownDistricts } from '../directory/districts.ts'
import { backgroundCaller } from '../directory/keeper.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Country } from '../quality/phones.ts'
import type { Requirable } from '../quality/report.ts'
import { createReports } from '../reports.ts'
import { type Diagnosis, type DoctorOptions, examine } from './examine.ts'

export interface ExamineOptions
  extends Pick<DoctorOptions, 'districts' | 'credentials' | 'print' | 'progress'> {
  readonly mostBytes: number
  readonly phoneCountry: Country
  readonly requiredFields: readonly Requirable[]
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** Longer than any examination. ms */
const LONG = 86_400_000

/** Examines all districts that the settings lead to. */
export async function examineDistricts(options: ExamineOptions): Promise<Diagnosis> {
  const { clock, mostBytes, log, metrics } = options
  const never = new AbortController().signal
  const ages = { display: LONG, displayAtMost: LONG, decision: LONG }
  const known = createKnownDistricts({ ages, mostBytes, lag: 0, clock, log, metrics })
  const policy = createPolicy(policyFile.parse(defaultPolicy))
  const rules = () => ({ policy, overrides: NO_OVERRIDES, now: clock.now(), maxAge: LONG })
  const facts = createFactSource(clock, LONG)
  const context = () =>
    createContext(
      { ...options, known, facts, rules, reports, ending: never, requestTimeout: LONG },
      seesEverything('doctor', Number.POSITIVE_INFINITY),
    )
  const reports = createReports((client) => readReport(client, context()), clock, LONG)
  return examine({
    ...options,
    known,
    caller: () => ({ ...backgroundCaller(clock, never), ledger: UNLIMITED }),
    report: reports.of,
  })
}
