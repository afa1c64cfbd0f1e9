import type { Detail } from './viewer.ts'

/** How much of a contact one viewer may see. */
export interface Visibility {
  readonly detail: Detail
  /** Whether the viewer may see every relationship that the contact might have, as only viewers of a whole district may. */
  readonly isWhole: boolean
}

/**
 * The part of a contact that a viewer must be allowed to see before a field is shown. NAME: only the name.
 * FULL: more than the name. WHOLE: also every possible relationship, because the value depends on hidden
 * relationships. If the value were shown only for contacts without hidden relationships, its absence would
 * reveal the others.
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

export function isShown(field: ContactField, { detail, isWhole }: Visibility): boolean {
  const needs = CONTACT_FIELDS[field]
  if (needs === 'NAME') return true
  return detail === 'FULL' && (needs === 'FULL' || isWhole)
}
