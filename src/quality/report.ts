import type { ContactRecord } from '../model/records.ts'
import { displayName, normalizeText } from './names.ts'
import { WARNINGS, type Warning, type WarningCode } from './warnings.ts'

/** The fields that a district can be required to fill in for each contact, each with its test. */
export const REQUIRABLE = {
  name: ({ name }) => displayName(name) !== undefined,
  email: ({ email }) => normalizeText(email) !== undefined,
  phone: ({ phone }) => normalizeText(phone) !== undefined,
  sisId: ({ sisId }) => normalizeText(sisId) !== undefined,
  relationship: ({ relationships }) =>
    relationships.every(({ relationship }) => relationship.value !== 'UNSPECIFIED'),
  type: ({ relationships }) => relationships.every(({ type }) => type.value !== 'UNSPECIFIED'),
} as const satisfies Readonly<Record<string, (contact: ContactRecord) => boolean>>

export type Requirable = keyof typeof REQUIRABLE

/** Numbers of contacts, and no personal data. */
export interface ContactReport {
  readonly contacts: number
  readonly withWarnings: number
  /** The count of each warning that occurs, in the order of the table. */
  readonly warnings: readonly { readonly code: WarningCode; readonly contacts: number }[]
  /** The count of each required field, even if no contact lacks it. */
  readonly missing: readonly { readonly field: Requirable; readonly contacts: number }[]
}

export interface Tally {
  add(contact: ContactRecord, warnings: readonly Warning[]): void
  report(): ContactReport
}

export function createTally(required: readonly Requirable[]): Tally {
  let [contacts, withWarnings] = [0, 0]
  const warned = new Map<WarningCode, number>()
  const missing = new Map<Requirable, number>(required.map((field) => [field, 0]))
  return {
    add(contact, warnings) {
      contacts += 1
      if (warnings.length > 0) withWarnings += 1
      for (const { code } of warnings) warned.set(code, (warned.get(code) ?? 0) + 1)
      for (const [field, count] of missing) if (!REQUIRABLE[field](contact)) missing.set(field, count + 1)
    },
    report: () => ({
      contacts,
      withWarnings,
      warnings: (Object.keys(WARNINGS) as WarningCode[])
        .map((code) => ({ code, contacts: warned.get(code) ?? 0 }))
        .filter((each) => each.contacts > 0),
      missing: [...missing].map(([field, count]) => ({ field, contacts: count })),
    }),
  }
}
