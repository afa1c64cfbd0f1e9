import type { Detail } from './viewer.ts'

/** How much of a contact one viewer may see. */
export interface Sight {
  readonly detail: Detail
  /** Whether the viewer may see every relationship of the contact. */
  readonly isWhole: boolean
}

/**
 * What a viewer must be allowed to see of a contact before a field is shown. NAME: the contact at all. FULL: more than
 * the name. WHOLE: also every relationship, because the value depends on relationships that may be hidden.
 */
export const CONTACT_FIELDS = {
  displayName: 'NAME',
  name: 'NAME',
  relationships: 'NAME',
  email: 'FULL',
  phone: 'FULL',
  sisId: 'FULL',
  legacyId: 'FULL',
  identity: 'FULL',
  previousIds: 'FULL',
  dataWarnings: 'FULL',
  createdAt: 'FULL',
  lastModifiedAt: 'WHOLE',
} as const satisfies Readonly<Record<string, 'NAME' | 'FULL' | 'WHOLE'>>

export type ContactField = keyof typeof CONTACT_FIELDS

export function isShown(field: ContactField, { detail, isWhole }: Sight): boolean {
  const needs = CONTACT_FIELDS[field]
  if (needs === 'NAME') return true
  return detail === 'FULL' && (needs === 'FULL' || isWhole)
}
