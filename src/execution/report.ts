import type { CleverClient } from '../clever/client.ts'
import { CallAllowance } from '../model/call-allowance.ts'
import { RequestSummary } from '../model/request-summary.ts'
import { createTally } from '../quality/report.ts'
import type { DatedReport } from '../reports.ts'
import { CONTACTS } from '../view/lists.ts'
import { Request, type RequestContext, type Services } from '../view/request.ts'
import { warningsFor } from '../view/warnings.ts'

const NEVER = new AbortController().signal

/**
 * The viewer of the gateway's own work. It sees everything, so its results must not be shown to other viewers
 * unfiltered.
 */
export function gatewayItself(name: string, maxCalls: number, deadline: number): RequestContext {
  return {
    requestId: name,
    principal: {
      kind: 'SERVICE',
      client: name,
      scopes: new Set(['students:read', 'contacts:read']),
      districtIds: 'ALL',
    },
    summary: new RequestSummary(),
    isAnonymous: false,
    isFromRouter: false,
    allowance: new CallAllowance(maxCalls),
    exchange: { hasHungUp: false, gone: NEVER, over: NEVER },
    expiresAt: undefined,
    lastEventId: undefined,
    deadline,
    priority: 'BACKGROUND',
  }
}

/** Counts the warnings of all contacts of a district. Throws the CleverErrors and CallAllowanceExceeded. */
export async function readReport(
  client: CleverClient,
  services: Services,
  context: RequestContext,
): Promise<DatedReport> {
  const request = new Request(services, context)
  const tally = createTally(services.requiredFields)
  const { asOf } = await services.createFetch(request).scan({
    kind: CONTACTS,
    source: { districtId: client.districtId },
    cursorRange: undefined,
    test: {
      key: 'report',
      neededRoles: ['student', 'contact'],
      disclosesMatches: false,
      matches(view, contact) {
        tally.add(contact.record, warningsFor(view, contact))
        return false
      },
    },
  })
  return { ...tally.report(), asOf: new Date(asOf).toISOString() }
}
