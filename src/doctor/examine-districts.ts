import { readReport } from '../../schema/contact-report.ts'
import '../../schema/schema.ts'
import defaultPolicy from '../access/default-policy.json' with { type: 'json' }
import { createFactSource } from '../access/facts.ts'
import { NO_OVERRIDES } from '../access/overrides.ts'
import { createPolicy, policyFile } from '../access/policy.ts'
import type { Principal } from '../access/principal.ts'
import { UNLIMITED } from '../clever/transport.ts'
import type { Clock } from '../clock.ts'
import { createContext } from '../context.ts'
import { createKnownDistricts } from '../directory/districts.ts'
import { backgroundCaller } from '../directory/keeper.ts'
import { createLedger } from '../loaders/allowance.ts'
import type { Logger } from '../log.ts'
import type { Metrics } from '../metrics.ts'
import type { Country } from '../quality/phones.ts'
import type { Requirable } from '../quality/report.ts'
import { type Diagnosis, type DoctorOptions, examine } from './examine.ts'

export interface ExamineOptions extends Pick<DoctorOptions, 'districts' | 'print' | 'progress'> {
  readonly mostBytes: number
  readonly phoneCountry: Country
  readonly requiredFields: readonly Requirable[]
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** As the gateway would see them, for a service that sees everything. */
const DOCTOR: Principal = {
  kind: 'SERVICE',
  client: 'doctor',
  scopes: new Set(['students:read', 'contacts:read']),
  districtIds: 'ALL',
}
/** Longer than any examination. ms */
const LONG = 86_400_000

/** Examines all districts that the settings lead to. */
export async function examineDistricts(options: ExamineOptions): Promise<Diagnosis> {
  const { clock, mostBytes, log, metrics } = options
  const never = new AbortController().signal
  const ages = { display: LONG, displayAtMost: LONG, decision: LONG }
  const known = createKnownDistricts({ ages, mostBytes, clock, log, metrics })
  const policy = createPolicy(policyFile.parse(defaultPolicy))
  const rules = () => ({ policy, overrides: NO_OVERRIDES, now: clock.now(), maxAge: LONG })
  const facts = createFactSource(clock, LONG)
  const context = () =>
    createContext(
      { ...options, known, facts, rules, ending: never, requestTimeout: LONG },
      {
        requestId: 'doctor',
        principal: DOCTOR,
        isFromRouter: false,
        gone: never,
        ledger: createLedger(Number.POSITIVE_INFINITY),
      },
    )
  return examine({
    ...options,
    known,
    caller: () => ({ ...backgroundCaller(clock, never), ledger: UNLIMITED }),
    report: (client) => readReport(client, context()),
  })
}
