import type { CleverClient } from '../clever/client.ts'
import { Ledger } from '../model/call-allowance.ts'
import { createTally } from '../quality/report.ts'
import type { DatedReport } from '../reports.ts'
import { CONTACTS } from '../view/lists.ts'
import { type Asker, Request, type Services } from '../view/request.ts'
import { warningsFor } from '../view/warnings.ts'

const NEVER = new AbortController().signal

/** For what the gateway does on its own behalf: sees everything, and is not to be shown to a viewer as it is. */
export function gatewayItself(name: string, maxCalls: number, deadline: number): Asker {
  return {
    requestId: name,
    principal: {
      kind: 'SERVICE',
      client: name,
      scopes: new Set(['students:read', 'contacts:read']),
      districtIds: 'ALL',
    },
    isAnonymous: false,
    isFromRouter: false,
    ledger: new Ledger(maxCalls),
    exchange: { hasHungUp: false, gone: NEVER, over: NEVER },
    expiresAt: undefined,
    lastEventId: undefined,
    deadline,
    priority: 'BACKGROUND',
  }
}

/** Counts the warnings of all contacts of a district. Throws the CleverErrors and AllowanceSpent. */
export async function readReport(
  client: CleverClient,
  services: Services,
  asker: Asker,
): Promise<DatedReport> {
  const request = new Request(services, asker)
  const tally = createTally(services.requiredFields)
  const { since } = await services.createFetch(request).scan({
    kind: CONTACTS,
    source: { districtId: client.districtId },
    reach: undefined,
    test: {
      key: 'report',
      asksFor: ['student', 'contact'],
      reveals: false,
      passes(view, contact) {
        tally.add(contact.record, warningsFor(view, contact))
        return false
      },
    },
  })
  return { ...tally.report(), asOf: new Date(since).toISOString() }
}
